import {
  DuplicateKeyError,
  type LeaseAnswer,
  type LeaseEnd,
  type LeaseHolder,
  type LeaseRequest,
  LONGEST_LEASE_MS,
  MailonceError,
  NEW_MAILDROP,
} from "@mailonce/core";
import {
  expectFunction,
  expectLimit,
  expectMaildropId,
  expectMilliseconds,
  expectObject,
  expectText,
} from "../arguments/expect-arguments.ts";
import type { Gateway } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import type { Value } from "../values/row.ts";
import { holds, lockLease, readLease } from "./lease-rows.ts";
import { maildropValues } from "./maildrop-rows.ts";
import { expectMaildropName, findMaildrop } from "./maildrops.ts";

/** @throws ArgumentError */
export function expectLeaseRequest(request: LeaseRequest): void {
  expectObject("request", request);
  expectText("request.token", request.token);
  expectText("request.owner", request.owner);
  expectMilliseconds("request.ttlMs", request.ttlMs);
  expectFunction("request.isDead", request.isDead);
}

/** @throws ArgumentError */
function expectLeaseEnd(end: LeaseEnd): void {
  expectObject("end", end);
  expectLimit("end.generation", end.generation);
  expectObject("end.change", end.change);
}

/**
 * Takes the lease; see the port's contract.
 * @throws MailonceError (`maildrop-name`) if no column could hold the name
 */
export async function acquireLease(
  gateway: Gateway,
  names: TableNames,
  maildropName: string,
  request: LeaseRequest,
): Promise<LeaseAnswer> {
  expectMaildropName(maildropName);
  expectLeaseRequest(request);
  // Nearly always the maildrop is there and its lease is free.
  const answer = (await takeFree(gateway, names, maildropName, request))
    ? "taken"
    : await takeOther(gateway, names, maildropName, request);
  if (typeof answer !== "string") return { kind: "held", holder: answer };
  const maildrop = await findMaildrop(gateway, names, maildropName);
  if (maildrop !== null) return { kind: "taken", maildrop, isNew: answer === "made" };
  throw new MailonceError("store-failed", `${gateway.place} does not give back what was written to it.`);
}

/** The columns of a lease with what is set, and the values of that. */
function leaseColumns({ dialect }: Pick<Gateway, "dialect">, { token, owner, ttlMs }: LeaseRequest) {
  const columns = [
    ["lease_token", "?"],
    ["lease_owner", "?"],
    ["lease_expires_at", dialect.nowPlus],
  ] as const;
  return { columns, values: [token, owner, dialect.duration(ttlMs)] };
}

/** What is set when a lease is taken. MySQL sets columns in their order, and each sees those before it: this one comes first. */
function leaseTaken(gateway: Pick<Gateway, "dialect">, request: LeaseRequest) {
  const { columns, values } = leaseColumns(gateway, request);
  const notGivenBack = "lease_token IS NOT NULL AND lease_token <> ?";
  return {
    sql: `ended_cleanly = CASE WHEN ${notGivenBack} THEN 0 ELSE ended_cleanly END,
      ${columns.map(([column, value]) => `${column} = ${value}`).join(", ")}`,
    values: [request.token, ...values],
  };
}

/**
 * Takes the lease in one statement if nobody has it. Its present is the time when it began: if it had to wait, the lease ends
 * a little sooner, or one that expired meanwhile is left to the next attempt.
 */
async function takeFree(
  gateway: Gateway,
  names: TableNames,
  maildropName: string,
  request: LeaseRequest,
): Promise<boolean> {
  const { dialect } = gateway;
  const taken = leaseTaken(gateway, request);
  const found = await gateway.change(
    `UPDATE ${names.maildrop} SET ${taken.sql}
     WHERE name = ? AND (lease_token IS NULL OR lease_token = ? OR lease_expires_at <= ${dialect.now}
       OR lease_expires_at > ${dialect.nowPlus})`,
    [...taken.values, dialect.exactText(maildropName), request.token, dialect.duration(LONGEST_LEASE_MS)],
  );
  return found > 0;
}

/** Makes a maildrop that is missing, under the lease, or takes the lease from a dead holder. Gives the holder if it lives. */
async function takeOther(
  gateway: Gateway,
  names: TableNames,
  maildropName: string,
  request: LeaseRequest,
): Promise<LeaseHolder | "taken" | "made"> {
  const known = await findMaildrop(gateway, names, maildropName);
  if (known !== null) return takeFromDead(gateway, names, known.id, request);
  const { columns, values } = leaseColumns(gateway, request);
  const facts = maildropValues(NEW_MAILDROP);
  const all = [["name", "?"], ...facts.map(([column]) => [column, "?"]), ...columns];
  try {
    await gateway.change(
      `INSERT INTO ${names.maildrop} (${all.map(([column]) => column).join(", ")})
       VALUES (${all.map(([, value]) => value).join(", ")})`,
      [gateway.dialect.exactText(maildropName), ...facts.map(([, value]) => value), ...values],
    );
    return "made";
  } catch (error) {
    // Another caller was quicker: its row is the one.
    if (!(error instanceof DuplicateKeyError)) throw error;
    return takeOther(gateway, names, maildropName, request);
  }
}

async function takeFromDead(
  gateway: Gateway,
  names: TableNames,
  maildropId: number,
  request: LeaseRequest,
): Promise<LeaseHolder | "taken"> {
  return gateway.transaction(async (statements) => {
    const lease = await lockLease(statements, names, maildropId);
    if (lease !== null) {
      const { expires, now: present } = lease;
      const isHeld = lease.token !== null && lease.token !== request.token && holds(expires, present);
      if (isHeld && !request.isDead(lease.owner))
        return { owner: lease.owner, expiresInMs: expires - present };
    }
    const taken = leaseTaken(gateway, request);
    await statements.run(`UPDATE ${names.maildrop} SET ${taken.sql} WHERE id = ?`, [
      ...taken.values,
      maildropId,
    ]);
    return "taken";
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

/** Gives the lease back if it still belongs to the token, and writes what its run has left; else nothing happens. */
export async function releaseLease(
  gateway: Gateway,
  names: TableNames,
  maildropId: number,
  token: string,
  end?: LeaseEnd,
): Promise<void> {
  expectMaildropId(maildropId);
  expectText("token", token);
  if (end !== undefined) expectLeaseEnd(end);
  const release = (changed: ReturnType<typeof maildropValues>, condition: string, values: readonly Value[]) =>
    gateway.change(
      `UPDATE ${names.maildrop} SET ${changed.map(([column]) => `${column} = ?, `).join("")}
       lease_token = NULL, lease_owner = NULL, lease_expires_at = NULL WHERE id = ? AND lease_token = ?${condition}`,
      [...changed.map(([, value]) => value), maildropId, token, ...values],
    );
  if (
    end !== undefined &&
    (await release(maildropValues(end.change), " AND generation = ?", [end.generation])) > 0
  )
    return;
  await release([], "", []);
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
