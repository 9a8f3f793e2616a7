import type { Detection } from "../detect/detect.ts";
import { type Candidate, type ClassGroup, keyOf } from "../listing/candidate.ts";
import type { Entries } from "../listing/entries.ts";
import type { EntryState } from "../listing/entry-state.ts";
import { latin1 } from "../message/octets.ts";
import { isDue } from "../ports/due.ts";
import { byIdentity, type LedgerEntry } from "../ports/ledger-entry.ts";
import type { RunState } from "../report/run-state.ts";

/** The result of selecting. What was decided about a candidate is the state of its entry. */
export interface Selection {
  /** The candidates in the order of the decisions about them, each once. */
  readonly candidates: Candidate[];
  /** Rows with new listed octets: the server lists others than before, but TOP shows that the message is the same. */
  readonly refreshedRows: LedgerEntry[];
  /** The classes of the entries without a usable unique-id. */
  readonly groups: ClassGroup[];
  /** True if messages with different headers stand under one unique-id (rule 10). */
  unlikeUnderOneId: boolean;
}

export interface SelectContext {
  readonly run: RunState;
  readonly detection: Detection;
  readonly selection: Selection;
}

export function emptySelection(): Selection {
  return { candidates: [], refreshedRows: [], groups: [], unlikeUnderOneId: false };
}

/** The candidates that are in this state now, in the order of the decisions about them. */
export function candidatesIn(
  entries: Entries,
  { candidates }: Selection,
  state: EntryState,
): readonly Candidate[] {
  return candidates.filter(({ index }) => entries.state(index) === state);
}

/** Moves the candidate's entry into the state `to` and adds the candidate to the selection. */
export function decide(
  { detection: { entries }, selection }: SelectContext,
  candidate: Candidate,
  to: EntryState,
): void {
  entries.move(candidate.index, to);
  selection.candidates.push(candidate);
}

/** Decides that a candidate is to be retrieved: now, or if it failed before, when it is due and after all new mail. */
export function enqueue(context: SelectContext, candidate: Candidate, row: LedgerEntry | null): void {
  const failedBefore = row !== null && row.attempts > 0;
  if (!failedBefore) decide(context, candidate, "queued");
  else decide(context, candidate, isDue(row.due, context.run.now()) ? "retry" : "notDue");
}

/**
 * What the criteria say of a candidate whose header block is `block`: it is wanted (true), it is not and never will be (false), or
 * it is not yet, and from when on it is. `firstSeen` is that of its row, null if it has none.
 */
export function decisionOf(
  run: RunState,
  candidate: Candidate,
  block: Uint8Array,
  firstSeen: Date | null,
): boolean | Date {
  const { criteria } = run;
  if (criteria === null) return true;
  const message = { block, octets: candidate.listedOctets };
  if (criteria.decide === undefined) return criteria.accepts(message);
  const now = run.now();
  return criteria.decide(message, { now, firstSeen: firstSeen ?? now });
}

/**
 * When the message of a row was first seen. A settled row is not written again for what waits, and a first sight that is still to
 * come, from a wrong clock, would let it wait for ever: it counts as long ago.
 */
export function firstSightOf(run: RunState, row: LedgerEntry | null): Date | null {
  if (row === null) return null;
  const isKept = row.disposition === "stored" || row.disposition === "baseline";
  return isKept && row.firstSeen > run.now() ? new Date(0) : row.firstSeen;
}

/** Decides about a candidate that the criteria do not want: now, or ever ({@link decisionOf}). */
export function leaveOut(context: SelectContext, candidate: Candidate, decision: false | Date): void {
  candidate.ripe = decision === false ? null : decision;
  decide(context, candidate, decision === false ? "rejected" : "early");
}

/**
 * Tells when each of these candidates was first seen; null if it has no row. Nothing is read where it does not matter: criteria
 * are not asked by time, or there are no rows.
 */
export async function firstSights(
  run: RunState,
  candidates: readonly Candidate[],
  hasRows: boolean,
): Promise<(candidate: Candidate) => Date | null> {
  if (!hasRows || run.criteria?.decide === undefined) return () => null;
  const rows = byIdentity(await run.rows(candidates.map(keyOf)));
  return (candidate) => rows.get(latin1(keyOf(candidate)))?.firstSeen ?? null;
}

/** True or false if the listed octets alone decide, null if the header is needed. */
export function acceptsByOctets({ criteria }: RunState, octets: number | null): boolean | null {
  if (criteria === null) return true;
  return octets === null ? null : (criteria.byOctets?.(octets) ?? null);
}
