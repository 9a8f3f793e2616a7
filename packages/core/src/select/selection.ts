import type { Detection } from "../detect/detect.ts";
import type { Candidate, ClassGroup } from "../listing/candidate.ts";
import type { Entries } from "../listing/entries.ts";
import type { EntryState } from "../listing/entry-state.ts";
import { isDue } from "../ports/due.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import type { RunState } from "../report/run-state.ts";

/** What is to be done with the candidates of a listing: where each stands is what its entry says. */
export interface Selection {
  /** The candidates in the order in which it was decided about them, each once. */
  readonly candidates: Candidate[];
  /** Rows whose listed octets changed while a proven TOP says that the message is the same. */
  readonly confirmed: LedgerEntry[];
  readonly groups: ClassGroup[];
  /** True if unlike messages stand under one unique-id (rule 10). */
  unlikeUnderOneId: boolean;
}

/** What selecting works with. */
export interface SelectContext {
  readonly run: RunState;
  readonly detection: Detection;
  readonly selection: Selection;
}

/** A selection that holds nothing yet. */
export function emptySelection(): Selection {
  return { candidates: [], confirmed: [], groups: [], unlikeUnderOneId: false };
}

/** The candidates that stand there now, in the order in which it was decided about them. */
export function candidatesIn(
  entries: Entries,
  { candidates }: Selection,
  state: EntryState,
): readonly Candidate[] {
  return candidates.filter(({ index }) => entries.state(index) === state);
}

/** Decides about a candidate. */
export function decide(
  { detection: { entries }, selection }: SelectContext,
  candidate: Candidate,
  to: EntryState,
): void {
  entries.move(candidate.index, to);
  selection.candidates.push(candidate);
}

/** Decides that a candidate is to be retrieved: now, or where entries that failed before have their turn. */
export function enqueue(context: SelectContext, candidate: Candidate, row: LedgerEntry | null): void {
  const failedBefore = row !== null && row.attempts > 0;
  if (!failedBefore) decide(context, candidate, "queued");
  else decide(context, candidate, isDue(row.due, context.run.now()) ? "retry" : "waiting");
}

/** True if the criteria want the candidate whose header block is `block`. */
export function accepts({ criteria }: RunState, candidate: Candidate, block: Uint8Array): boolean {
  return criteria === null || criteria.accepts({ block, octets: candidate.listedOctets });
}

/** What the listed octets alone decide, null if the header has to be seen. */
export function acceptsByOctets({ criteria }: RunState, octets: number | null): boolean | null {
  if (criteria === null) return true;
  return octets === null ? null : (criteria.byOctets?.(octets) ?? null);
}
