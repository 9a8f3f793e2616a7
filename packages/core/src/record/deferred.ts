import { GuardFailedError, TransactionConflictError } from "../errors.ts";
import { isClassKey, isOwnKey } from "../message/identity.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import { unbounded } from "../ports/unbounded.ts";
import { NO_FAILURES } from "./row.ts";

/** How often a change is tried, while runs change the same maildrop, before the error is passed on. */
const MAX_TRANSACTION_TRIES = 20;

/** The unique-id of a ledger entry as the server gave it; null if there is none, or the ledger holds only its digest. */
export function uniqueIdOf({ identity, classUniqueId }: LedgerEntry): Uint8Array | null {
  const key = isClassKey(identity) ? classUniqueId : identity;
  return key === null || isOwnKey(key) ? null : key;
}

/** False if nothing tells the entry's message from future ones: it has neither a usable unique-id nor a header by TOP. */
export function isDroppable({ disposition, identity, headerDigest }: LedgerEntry): boolean {
  return disposition !== "deferred" || !isClassKey(identity) || headerDigest !== null;
}

/** Makes the messages of these ledger keys due, so that the next fetch tries them. Gives how many still waited. */
export function retryDeferred(
  ledger: Ledger,
  maildrop: string,
  identities: readonly Uint8Array[],
): Promise<number> {
  return change(ledger, maildrop, identities, forgotten);
}

/**
 * Sees to it that the messages of these ledger keys are never tried again. Deferred entries become known, settled ones
 * lose their failed attempts, and those that are not {@link isDroppable} stay as they are. Gives how many still waited.
 */
export function dropDeferred(
  ledger: Ledger,
  maildrop: string,
  identities: readonly Uint8Array[],
): Promise<number> {
  return change(ledger, maildrop, identities, (entry) => {
    if (!isDroppable(entry)) return entry;
    if (entry.disposition !== "deferred") return forgotten(entry);
    return { ...forgotten(entry), disposition: "baseline", occurrences: Math.max(1, entry.occurrences) };
  });
}

function forgotten(entry: LedgerEntry): LedgerEntry {
  return { ...entry, ...NO_FAILURES };
}

/** Changes the rows that still wait, in one transaction. A run that is under way must start again then (rule 17). */
async function change(
  ledger: Ledger,
  maildropName: string,
  identities: readonly Uint8Array[],
  changed: (entry: LedgerEntry) => LedgerEntry,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const maildrop = await ledger.findMaildrop(maildropName);
    if (maildrop === null) return 0;
    const { id, generation } = maildrop;
    try {
      return await ledger.transact(id, { generation, leaseToken: null }, async (tx) => {
        const rows = unbounded(tx);
        // Read within the transaction, because a run may have stored some of them meanwhile.
        const found = await rows.entries(identities);
        const open = found.filter(({ disposition, attempts }) => disposition === "deferred" || attempts > 0);
        if (open.length === 0) return 0;
        await rows.updateEntries(open.map(changed));
        await rows.updateMaildrop({ generation: generation + 1, mark: null });
        return open.length;
      });
    } catch (error) {
      const again = error instanceof GuardFailedError || error instanceof TransactionConflictError;
      if (!again || attempt >= MAX_TRANSACTION_TRIES) throw error;
    }
  }
}
