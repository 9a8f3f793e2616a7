import { LONGEST_LEASE_MS } from "@mailonce/core";
import type { Statements } from "../database/gateway.ts";
import { lockRows } from "../database/lock-rows.ts";
import type { TableNames } from "../schema/table-names.ts";
import { readDate } from "../values/stored-date.ts";

/** A maildrop's lease, and what time it is to the database. */
interface LeaseRow {
  readonly token: string | null;
  readonly owner: string;
  readonly expires: number;
  readonly now: number;
}

/** Whether a lease that expires then still keeps others off now; both in milliseconds by the database's clock. */
export function holds(expires: number, now: number): boolean {
  return expires > now && expires - now <= LONGEST_LEASE_MS;
}

/** Locks the maildrop's row until the transaction ends, then reads its lease; null if there is no such maildrop. */
export async function lockLease(
  statements: Statements,
  names: TableNames,
  maildropId: number,
): Promise<LeaseRow | null> {
  await lockRows(statements, `SELECT id FROM ${names.maildrop} WHERE id = ?`, [maildropId]);
  return readLease(statements, names, maildropId);
}

/** Reads a maildrop's lease; null if there is no such maildrop. */
export async function readLease(
  statements: Statements,
  names: TableNames,
  maildropId: number,
): Promise<LeaseRow | null> {
  const { dialect } = statements;
  const [row] = await statements.rows(
    `SELECT lease_token, lease_owner, ${dialect.date("lease_expires_at")}, ${dialect.date(dialect.now, "present")}
     FROM ${names.maildrop} WHERE id = ?`,
    [maildropId],
  );
  if (row === undefined) return null;
  const { lease_token: token, lease_owner: owner } = row;
  return {
    token: typeof token === "string" ? token : null,
    owner: typeof owner === "string" ? owner : "",
    expires: readDate(row["lease_expires_at"])?.getTime() ?? 0,
    now: readDate(row["present"])?.getTime() ?? Date.now(),
  };
}
