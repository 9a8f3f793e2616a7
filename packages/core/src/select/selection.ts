import type { Detection } from "../detect/detect.ts";
import type { Candidate, ClassGroup } from "../listing/candidate.ts";
import type { Entries } from "../listing/entries.ts";
import type { EntryState } from "../listing/entry-state.ts";
import { isDue } from "../ports/due.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
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
  else decide(context, candidate, isDue(row.due, context.run.now()) ? "retry" : "waiting");
}

/** True if the criteria want the candidate, whose header block is `block`. */
export function accepts({ criteria }: RunState, candidate: Candidate, block: Uint8Array): boolean {
  return criteria === null || criteria.accepts({ block, octets: candidate.listedOctets });
}

/** True or false if the listed octets alone decide, null if the header is needed. */
export function acceptsByOctets({ criteria }: RunState, octets: number | null): boolean | null {
  if (criteria === null) return true;
  return octets === null ? null : (criteria.byOctets?.(octets) ?? null);
}
