import { type Guard, GuardFailedError, type LedgerTransaction, type MailonceError } from "@mailonce/core";
import {
  expectFunction,
  expectMaildropId,
  expectObject,
  expectTextOrNull,
} from "../arguments/expect-arguments.ts";
import type { Gateway, Statements } from "../database/gateway.ts";
import { readOnlyStatements } from "../database/read-only-statements.ts";
import { type SyncContents, withSyncContents } from "../messages/sync-contents.ts";
import type { TableNames } from "../schema/table-names.ts";
import { SqlLedgerTransaction } from "./ledger-transaction.ts";

/**
 * Runs `work` in a transaction on one maildrop; see the port's contract. Where the user, or the whole database, may only
 * be read, the work runs without transaction and lock, and fails at its first write.
 */
export async function transact<T>(
  gateway: Gateway,
  names: TableNames,
  maildropId: number,
  guard: Guard,
  work: (tx: LedgerTransaction) => Promise<T>,
): Promise<T> {
  expectMaildropId(maildropId);
  expectObject("guard", guard);
  expectTextOrNull("guard.leaseToken", guard.leaseToken);
  expectFunction("work", work);
  let isLocked = false;
  const attempt = (contents: SyncContents | null): Promise<T> =>
    gateway.transaction(async (statements) => {
      await lockMaildrop(statements, names, maildropId, guard);
      isLocked = true;
      const result = await work(new SqlLedgerTransaction(statements, names, maildropId, contents));
      contents?.throwIfMissing();
      return result;
    });
  try {
    return await (gateway.dialect.transactionsMayWait ? attempt(null) : withSyncContents(attempt));
  } catch (error) {
    if (isLocked || !leavesReading(gateway, error)) throw error;
    return gateway.read(async (readable) => {
      const statements = readOnlyStatements(readable, error);
      await lockMaildrop(statements, names, maildropId, guard);
      return work(new SqlLedgerTransaction(statements, names, maildropId, null));
    });
  }
}

/** Whether a transaction failed to begin, and reading may be possible all the same. */
function leavesReading({ dialect }: Gateway, error: unknown): boolean {
  return (error as MailonceError).code === "store-newer" || dialect.leavesReading(error);
}

/**
 * Locks the maildrop's row for the rest of the transaction and checks what must still hold.
 *
 * @throws GuardFailedError
 */
async function lockMaildrop(
  statements: Statements,
  names: TableNames,
  maildropId: number,
  guard: Guard,
): Promise<void> {
  const [row] = await statements.rows(
    `SELECT generation, lease_token FROM ${names.maildrop} WHERE id = ?${statements.dialect.forUpdate}`,
    [maildropId],
  );
  if (row === undefined) throw new GuardFailedError("The maildrop is no longer in the ledger.");
  if (Number(row["generation"]) !== guard.generation) {
    throw new GuardFailedError("Another run, or a person, has changed what is known of the maildrop.");
  }
  if (guard.leaseToken !== null && row["lease_token"] !== guard.leaseToken) {
    throw new GuardFailedError("The maildrop's lease is no longer this run's.");
  }
}
