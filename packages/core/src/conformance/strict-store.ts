import assert from "node:assert/strict";
import { ITEMS_A_CALL, type LedgerTransaction } from "../ports/ledger.ts";
import type { MessageStore } from "../ports/store.ts";

/** The same store, in which a call with more than {@link ITEMS_A_CALL} keys or rows fails, as any store may do. */
export function strictStore(store: MessageStore): MessageStore {
  return watched(store, {
    entries: (maildropId, identities) => {
      checkLength("entries", identities);
      return store.entries(maildropId, identities);
    },
    transact: (maildropId, guard, work) =>
      store.transact(maildropId, guard, (tx) => work(strictTransaction(tx))),
  });
}

function strictTransaction(tx: LedgerTransaction): LedgerTransaction {
  return new Proxy(tx, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...given: readonly unknown[]) => {
        checkLength(String(name), given[0]);
        return value.call(target, ...given);
      };
    },
  });
}

function checkLength(call: string, items: unknown): void {
  if (!Array.isArray(items)) return;
  assert.ok(items.length <= ITEMS_A_CALL, `${call} of ${items.length} is more than the port allows a call`);
}

/** The same store with two of its methods replaced. All other properties are read from it and set on it. */
function watched(store: MessageStore, methods: Pick<MessageStore, "entries" | "transact">): MessageStore {
  return new Proxy(store, {
    get(target, name) {
      const own: unknown = Reflect.get(methods, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
