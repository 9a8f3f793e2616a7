import { type Candidate, keyOf } from "../listing/candidate.ts";
import { latin1 } from "../message/octets.ts";
import { LONGEST_DELAY_MS } from "../ports/due.ts";
import { byIdentity, type LedgerEntry } from "../ports/ledger-entry.ts";
import type { Reason } from "../report/outcome.ts";
import type { RunState, RunTransaction } from "../report/run-state.ts";
import { listedRow } from "./row.ts";
import { RowWrites } from "./row-writes.ts";

const FIRST_DELAY_MS = 5 * 60_000;

/** A message that could not be retrieved or stored, and why. */
export interface Failure {
  readonly candidate: Candidate;
  readonly reason: Reason;
}

/**
 * The time at which a message that failed `attempts` times is tried again: at the next fetch after the first failure, and
 * then after a delay that doubles up to a day. It is never given up.
 */
export function dueAfter(attempts: number, now: Date): Date {
  if (attempts <= 1) return now;
  return new Date(now.getTime() + Math.min(FIRST_DELAY_MS * 2 ** (attempts - 2), LONGEST_DELAY_MS));
}

/** Notes failures in the ledger (rule 20): a settled row keeps its disposition, any other is deferred from now on. */
export async function defer(run: RunState, tx: RunTransaction, failures: readonly Failure[]): Promise<void> {
  if (failures.length === 0) return;
  const now = run.now();
  const keyed = new Map(failures.map((failure) => [latin1(keyOf(failure.candidate)), failure]));
  const keys = [...keyed.values()].map(({ candidate }) => keyOf(candidate));
  const rows = byIdentity(await tx.ledger.entries(keys));
  const writes = new RowWrites();
  for (const [key, { candidate, reason }] of keyed) {
    const row = rows.get(key) ?? null;
    const attempts = run.attempts.count(keyOf(candidate), row?.attempts ?? 0);
    const state = { attempts, reason, due: dueAfter(attempts, now) };
    const before = row === null ? listedRow(candidate, "deferred", now) : withoutWaiting(row);
    const octets = before.disposition === "deferred" ? candidate.listedOctets : before.octets;
    writes.put({ ...before, octets, ...state }, row);
  }
  await writes.write(tx.ledger);
}

/** The row of a message that is tried now: if it waited until criteria wanted it, it waits no more (rule 25). */
function withoutWaiting(row: LedgerEntry): LedgerEntry {
  return row.disposition === "waiting" ? { ...row, disposition: "deferred", criteriaDigest: null } : row;
}
