import { MailonceError } from "../errors.ts";
import type { KnownBlock } from "../ports/known-block.ts";
import type { Guard, Ledger, LedgerTransaction } from "../ports/ledger.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import { type Maildrop, NEW_MAILDROP } from "../ports/maildrop.ts";

const nothing = async (): Promise<readonly never[]> => [];
const refuse = async (): Promise<never> => {
  throw new MailonceError(
    "read-only",
    "This ledger stands for one that does not exist yet: nothing can be written to it.",
  );
};

const TRANSACTION: LedgerTransaction = {
  entries: nothing,
  classEntries: nothing,
  entriesNaming: nothing,
  entriesWithHeader: nothing,
  copies: nothing,
  insertMessages: refuse,
  insertEntries: refuse,
  updateEntries: refuse,
  rejectEntries: refuse,
  deleteEntries: refuse,
  updateMaildrop: refuse,
};

/** A ledger without entries, to which nothing can be written. A check reads it for a maildrop that was never fetched. */
export class EmptyLedger implements Ledger {
  async findMaildrop(): Promise<null> {
    return null;
  }

  async openMaildrop(name: string): Promise<Maildrop> {
    return { id: 0, name, ...NEW_MAILDROP };
  }

  async *knownEntries(): AsyncIterable<KnownBlock> {}

  entries(): Promise<readonly LedgerEntry[]> {
    return nothing();
  }

  entriesWithHeader(): Promise<readonly LedgerEntry[]> {
    return nothing();
  }

  transact<T>(_maildropId: number, _guard: Guard, work: (tx: LedgerTransaction) => Promise<T>): Promise<T> {
    return work(TRANSACTION);
  }
}
