import type { Detection } from "../detect/detect.ts";
import type { Candidate, ClassGroup } from "../listing/candidate.ts";
import type { Listing } from "../listing/listing.ts";
import { isDue } from "../ports/due.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import type { MaildropSession } from "../ports/session.ts";
import type { RunState } from "../report/run-state.ts";
import { append } from "./append.ts";

/** What is to be done with the candidates of a listing. */
export interface Selection {
  /** To be retrieved. */
  readonly queue: Candidate[];
  /** Failed before, and due: to be tried last. */
  readonly retries: Candidate[];
  /** Failed before, and not due yet. */
  readonly waiting: Candidate[];
  /** Rows whose listed octets changed while a proven TOP says that the message is the same. */
  readonly confirmed: LedgerEntry[];
  /** Known by their class's rows, as their own are about other messages: by message number what they are. */
  readonly corrections: Map<number, string>;
  /** Rejected by the criteria; their rows are to be written. */
  readonly rejected: Candidate[];
  /** Perhaps stored under another identity: to be looked up at the moment of binding. */
  readonly rebinds: Candidate[];
  readonly groups: ClassGroup[];
  /** True if unlike messages stand under one unique-id (rule 10). */
  unlikeUnderOneId: boolean;
}

/** What selecting works with. */
export interface SelectContext {
  readonly run: RunState;
  readonly session: MaildropSession;
  readonly listing: Listing;
  readonly detection: Detection;
  readonly selection: Selection;
}

/** A selection that holds nothing yet. */
export function emptySelection(): Selection {
  return {
    queue: [],
    retries: [],
    waiting: [],
    confirmed: [],
    corrections: new Map(),
    rejected: [],
    rebinds: [],
    groups: [],
    unlikeUnderOneId: false,
  };
}

/** Counts the listed messages by what was decided: whatever nothing is to be done with is known. */
export function tellSelection({ report }: RunState, listing: Listing, selection: Selection): void {
  report.list(report.progress.listed, listing.length);
  for (const open of [selection.queue, selection.rejected, selection.rebinds]) report.putAll(open, "new");
  for (const failed of [selection.retries, selection.waiting]) report.putAll(failed, "deferred");
}

/** To the queue, or to where entries that failed before wait. */
export function enqueue(
  { run, selection }: SelectContext,
  candidates: readonly Candidate[],
  row: LedgerEntry | null,
): void {
  const failedBefore = row !== null && row.attempts > 0;
  if (!failedBefore) append(selection.queue, candidates);
  else if (isDue(row.due, run.now())) append(selection.retries, candidates);
  else append(selection.waiting, candidates);
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
