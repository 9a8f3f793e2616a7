import assert from "node:assert/strict";
import { ITEMS_A_CALL, type LedgerTransaction } from "../ports/ledger.ts";
import type { MessageStore } from "../ports/store.ts";

/** The store, but a call of more keys or rows than the port allows fails, as it may in any other store. */
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
      return (items: unknown) => {
        checkLength(String(name), items);
        return value.call(target, items);
      };
    },
  });
}

function checkLength(call: string, items: unknown): void {
  if (!Array.isArray(items)) return;
  assert.ok(items.length <= ITEMS_A_CALL, `${call} of ${items.length} is more than the port allows a call`);
}

/** The store with some of its methods replaced; all else, what a test sets on it too, is the store's own. */
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
