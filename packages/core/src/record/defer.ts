import { type Candidate, classOf } from "../listing/candidate.ts";
import { classKey } from "../message/identity.ts";
import { latin1 } from "../message/octets.ts";
import { LONGEST_DELAY_MS } from "../ports/due.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import type { Reason } from "../report/outcome.ts";
import type { RunState, RunTransaction } from "../report/run-state.ts";

const FIRST_DELAY_MS = 5 * 60_000;

/** A message that could not be had or stored, and why. */
export interface Failure {
  readonly candidate: Candidate;
  readonly reason: Reason;
}

/**
 * When a message that failed `attempts` times is tried again: at the next fetch after its first failure, then after a
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
  for (const [key, { candidate, reason }] of keyed) {
    const row = rows.get(key);
    const attempts = run.attempts.count(keyOf(candidate), row?.attempts ?? 0);
    const state = { attempts, reason, due: dueAfter(attempts, now) };
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
