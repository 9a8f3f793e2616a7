import type { LedgerEntry } from "./ledger-entry.ts";

/** What waits in the ledger to be tried again. */
export interface Deferred {
  /** The entries that are deferred, or settled with failed attempts since; in any order, in blocks. */
  deferredEntries(maildropId: number): AsyncIterable<readonly LedgerEntry[]>;
}
