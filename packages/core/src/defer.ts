import { type Candidate, classOf } from "./candidate.ts";
import { classKey } from "./identity.ts";
import { latin1 } from "./octets.ts";
import type { Reason } from "./outcome.ts";
import type { LedgerEntry } from "./ports/store.ts";
import type { RunState, RunTransaction } from "./run-state.ts";

const FIRST_DELAY_MS = 5 * 60_000;
const LONGEST_DELAY_MS = 24 * 3_600_000;

/** A message that could not be had or stored, and why. */
export interface Failure {
  readonly candidate: Candidate;
  readonly reason: Reason;
  /** True if the attempt was noted before it was made, and is not to be counted again. */
  readonly counted?: boolean;
  /** True if an attempt costs a session, so that not even the first retry is made at once. */
  readonly isCostly?: boolean;
}

/**
 * When a message that failed `attempts` times is tried again: at the next run after its first failure, then after a
 * delay that doubles up to a day and never ends.
 */
export function dueAfter(attempts: number, now: Date): Date {
  if (attempts <= 1) return now;
  return new Date(now.getTime() + Math.min(FIRST_DELAY_MS * 2 ** (attempts - 2), LONGEST_DELAY_MS));
}

/** Notes failures in the ledger (rule 20): a settled row keeps its disposition, any other becomes deferred. */
export async function defer(run: RunState, tx: RunTransaction, failures: readonly Failure[]): Promise<void> {
  if (failures.length === 0) return;
  const now = run.now();
  const keyed = new Map(failures.map((failure) => [latin1(keyOf(failure.candidate)), failure]));
  const keys = [...keyed.values()].map(({ candidate }) => keyOf(candidate));
  const rows = new Map((await tx.ledger.entries(keys)).map((row) => [latin1(row.identity), row]));
  const inserts: LedgerEntry[] = [];
  const updates: LedgerEntry[] = [];
  for (const [key, { candidate, reason, counted, isCostly }] of keyed) {
    const row = rows.get(key);
    const attempts = (row?.attempts ?? 0) + (counted ? 0 : 1);
    const state = { attempts, reason, due: dueAfter(isCostly ? attempts + 1 : attempts, now) };
    if (row === undefined) inserts.push({ ...deferredRow(candidate, now), ...state });
    else if (row.disposition === "deferred")
      updates.push({ ...row, octets: candidate.listedOctets, ...state });
    else updates.push({ ...row, ...state });
  }
  if (inserts.length > 0) await tx.ledger.insertEntries(inserts);
  if (updates.length > 0) await tx.ledger.updateEntries(updates);
}

/** The ledger's key of a candidate: its unique-id's, else its class's. */
export function keyOf(candidate: Candidate): Uint8Array {
  return candidate.identity ?? candidate.group?.key ?? classKey(classOf(candidate, candidate.evidence));
}

function deferredRow(candidate: Candidate, now: Date): LedgerEntry {
  const of = classOf(candidate, candidate.evidence);
  return {
    identity: keyOf(candidate),
    classUniqueId: candidate.identity === null ? of.uniqueIdKey : null,
    disposition: "deferred",
    messageId: null,
    octets: candidate.listedOctets,
    headerDigest: candidate.evidence?.headerDigest ?? null,
    coreOctets: candidate.evidence === null ? null : of.coreOctets,
    strong: candidate.evidence?.strong ?? false,
    bound: false,
    occurrences: 0,
    criteriaDigest: null,
    attempts: 0,
    reason: null,
    due: null,
    firstSeen: now,
  };
}
