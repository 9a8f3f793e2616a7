import type { LedgerEntry } from "./ledger-entry.ts";

/** The part of a store that gives the messages which failed and are to be tried again. */
export interface Deferred {
  /** All entries that are deferred, or that are settled and have failed attempts since then; in any order, in blocks. */
  deferredEntries(maildropId: number): AsyncIterable<readonly LedgerEntry[]>;
}
