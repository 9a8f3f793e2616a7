import { GuardFailedError, type LeaseHolder, type LeaseRequest, LONGEST_LEASE_MS } from "@mailonce/core";
import {
  expectFunction,
  expectMaildropId,
  expectMilliseconds,
  expectObject,
  expectText,
} from "../arguments/expect-arguments.ts";
import type { Gateway, Statements } from "../database/gateway.ts";
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

/** @throws ArgumentError */
export function expectLeaseRequest(request: LeaseRequest): void {
  expectObject("request", request);
  expectText("request.token", request.token);
  expectText("request.owner", request.owner);
  expectMilliseconds("request.ttlMs", request.ttlMs);
  expectFunction("request.isDead", request.isDead);
}

/** Takes the lease; see the port's contract. @throws GuardFailedError if there is no such maildrop */
export async function acquireLease(
  gateway: Gateway,
  names: TableNames,
  maildropId: number,
  request: LeaseRequest,
): Promise<LeaseHolder | null> {
  expectMaildropId(maildropId);
  expectLeaseRequest(request);
  const { dialect } = gateway;
  const { token, owner, ttlMs } = request;
  // Nearly always the lease is free, and this one statement takes it. Its present is the time when it began: if it had to
  // wait, the lease ends a little sooner, or one that expired meanwhile is left to the next attempt.
  const taken = await gateway.change(
    `UPDATE ${names.maildrop} SET lease_token = ?, lease_owner = ?, lease_expires_at = ${dialect.nowPlus}
     WHERE id = ? AND (lease_token IS NULL OR lease_token = ? OR lease_expires_at <= ${dialect.now}
       OR lease_expires_at > ${dialect.nowPlus})`,
    [token, owner, dialect.duration(ttlMs), maildropId, token, dialect.duration(LONGEST_LEASE_MS)],
  );
  if (taken > 0) return null;
  return gateway.transaction(async (statements) => {
    const lease = await lockLease(statements, names, maildropId);
    if (lease === null) throw new GuardFailedError("The maildrop is no longer in the ledger.");
    const { expires, now: present } = lease;
    const isHeld = lease.token !== null && lease.token !== token && holds(expires, present);
    if (isHeld && !request.isDead(lease.owner)) return { owner: lease.owner, expiresInMs: expires - present };
    await statements.run(
      `UPDATE ${names.maildrop} SET lease_token = ?, lease_owner = ?, lease_expires_at = ${dialect.nowPlus}
       WHERE id = ?`,
      [token, owner, dialect.duration(ttlMs), maildropId],
    );
    return null;
  });
}

/** Prolongs the lease, also one that has expired but that nobody has taken since. */
export async function renewLease(
  gateway: Gateway,
  names: TableNames,
  maildropId: number,
  token: string,
  ttlMs: number,
): Promise<boolean> {
  expectMaildropId(maildropId);
  expectText("token", token);
  expectMilliseconds("ttlMs", ttlMs);
  const { dialect } = gateway;
  const renewed = await gateway.change(
    `UPDATE ${names.maildrop} SET lease_expires_at = ${dialect.nowPlus} WHERE id = ? AND lease_token = ?`,
    [dialect.duration(ttlMs), maildropId, token],
  );
  return renewed > 0;
}

/** Gives the lease back if it still belongs to the token; else nothing happens. */
export async function releaseLease(
  gateway: Gateway,
  names: TableNames,
  maildropId: number,
  token: string,
): Promise<void> {
  expectMaildropId(maildropId);
  expectText("token", token);
  await gateway.change(
    `UPDATE ${names.maildrop} SET lease_token = NULL, lease_owner = NULL, lease_expires_at = NULL
     WHERE id = ? AND lease_token = ?`,
    [maildropId, token],
  );
}

/** Who holds the lease now, null if nobody does; changes nothing. */
export async function leaseHolder(
  gateway: Gateway,
  names: TableNames,
  maildropId: number,
): Promise<LeaseHolder | null> {
  expectMaildropId(maildropId);
  const lease = await gateway.read((statements) => readLease(statements, names, maildropId));
  if (lease === null || lease.token === null || !holds(lease.expires, lease.now)) return null;
  return { owner: lease.owner, expiresInMs: lease.expires - lease.now };
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

async function readLease(
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
