import { latin1 } from "../message/octets.ts";
import type { LedgerTransaction } from "../ports/ledger.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";

/** Collects the rows that one transaction inserts and updates, and writes them in two calls. */
export class RowWrites {
  readonly #inserts = new Map<string, LedgerEntry>();
  readonly #updates = new Map<string, LedgerEntry>();

  /** Puts a row in place of `before`, the row that its key has in the ledger; null if there is none. */
  put(row: LedgerEntry, before: LedgerEntry | null): void {
    const key = latin1(row.identity);
    const rows = before === null || this.#inserts.has(key) ? this.#inserts : this.#updates;
    rows.set(key, row);
  }

  has(identity: Uint8Array): boolean {
    const key = latin1(identity);
    return this.#inserts.has(key) || this.#updates.has(key);
  }

  async write(ledger: LedgerTransaction): Promise<void> {
    if (this.#inserts.size > 0) await ledger.insertEntries([...this.#inserts.values()]);
    if (this.#updates.size > 0) await ledger.updateEntries([...this.#updates.values()]);
  }
}
