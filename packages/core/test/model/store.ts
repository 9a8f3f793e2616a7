import {
  ContentRefusedError,
  type Guard,
  type LedgerEntry,
  type LedgerTransaction,
  type MaildropFacts,
  type MessageStore,
  type NewMessage,
  StoreUnavailableError,
  TransactionConflictError,
} from "../../src/index.ts";
import type { InMemoryStore } from "../../src/memory/index.ts";
import type { StoreTrouble } from "./history.ts";
import type { Steps } from "./steps.ts";

/** Is told what transactions commit, and decides which messages the database refuses. */
export interface StoreWatch {
  /** True if the database refuses this message. */
  refuses(message: NewMessage): boolean;
  /** Called after each commit with all that it wrote; `deleted` are the identities of deleted rows. */
  committed(
    messages: readonly NewMessage[],
    entries: readonly LedgerEntry[],
    facts: Partial<MaildropFacts>,
    deleted: readonly Uint8Array[],
  ): void;
}

/**
 * The shared store as one run sees it. Each transaction is one step, as in a database that locks the maildrop's row
 * first; the run may die before and after it, and the store may be in trouble.
 */
export function storeOf(
  store: InMemoryStore,
  steps: Steps,
  trouble: StoreTrouble | null,
  watch: StoreWatch,
): MessageStore {
  let transactions = 0;
  const overrides: Partial<MessageStore> = {
    async openMaildrop(name) {
      await steps.step();
      return store.openMaildrop(name);
    },
    async acquireLease(maildropName, request) {
      await steps.step();
      const answer = await store.acquireLease(maildropName, request);
      await steps.step();
      return answer;
    },
    async releaseLease(maildropId, token, end) {
      await steps.step();
      const how = ++transactions === trouble?.at ? trouble.how : null;
      if (how === "away") throw new StoreUnavailableError("the database is away");
      await store.releaseLease(maildropId, token, end);
      if (end !== undefined) watch.committed([], [], end.change, []);
      await steps.step();
      if (how === "in-doubt") throw new StoreUnavailableError("the answer to COMMIT is lost");
    },
    async *knownEntries(maildropId) {
      await steps.step();
      yield* store.knownEntries(maildropId);
    },
    async entries(maildropId, identities) {
      await steps.step();
      return store.entries(maildropId, identities);
    },
    async entriesWithHeader(maildropId, headerDigests) {
      await steps.step();
      return store.entriesWithHeader(maildropId, headerDigests);
    },
    async transact<T>(
      maildropId: number,
      guard: Guard,
      work: (tx: LedgerTransaction) => Promise<T>,
    ): Promise<T> {
      await steps.step();
      const how = ++transactions === trouble?.at ? trouble.how : null;
      if (how === "away") throw new StoreUnavailableError("the database is away");
      const written: Written = { messages: [], entries: [], facts: {}, deleted: [] };
      const result = await store.transact(maildropId, guard, async (tx) => {
        const value = await work(watched(tx, written, watch));
        if (how === "conflict") throw new TransactionConflictError("deadlock");
        return value;
      });
      watch.committed(written.messages, written.entries, written.facts, written.deleted);
      await steps.step();
      if (how === "in-doubt") throw new StoreUnavailableError("the answer to COMMIT is lost");
      return result;
    },
  };
  return new Proxy(store, {
    get(target, name) {
      const own: unknown = Reflect.get(overrides, name);
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

interface Written {
  readonly messages: NewMessage[];
  readonly entries: LedgerEntry[];
  readonly deleted: Uint8Array[];
  facts: Partial<MaildropFacts>;
}

function watched(tx: LedgerTransaction, written: Written, watch: StoreWatch): LedgerTransaction {
  return {
    ...tx,
    async insertMessages(inserted) {
      if (inserted.some((message) => watch.refuses(message)))
        throw new ContentRefusedError("the database does not take this message");
      await tx.insertMessages(inserted);
      written.messages.push(...inserted);
    },
    async insertEntries(inserted) {
      await tx.insertEntries(inserted);
      written.entries.push(...inserted);
    },
    async updateEntries(updated) {
      await tx.updateEntries(updated);
      written.entries.push(...updated);
    },
    async rejectEntries(identities, criteriaDigest) {
      await tx.rejectEntries(identities, criteriaDigest);
      written.entries.push(...(await tx.entries(identities)));
    },
    async deleteEntries(identities) {
      await tx.deleteEntries(identities);
      written.deleted.push(...identities);
    },
    async updateMaildrop(change) {
      await tx.updateMaildrop(change);
      written.facts = { ...written.facts, ...change };
    },
  };
}
