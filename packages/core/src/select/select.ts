import type { Detection } from "../detect/detect.ts";
import { type Candidate, candidateOf, classOf } from "../listing/candidate.ts";
import type { Listing } from "../listing/listing.ts";
import { lookOf } from "../message/identity.ts";
import type { MaildropSession } from "../ports/session.ts";
import type { RunState } from "../report/run-state.ts";
import { append } from "./append.ts";
import { selectChanged } from "./changed.ts";
import { selectClasses } from "./classes.ts";
import { askHeaders, topUsable } from "./evidence.ts";
import { accepts, acceptsByOctets, emptySelection, type SelectContext, type Selection } from "./selection.ts";
import { selectTwins } from "./twins.ts";

/**
 * Decides by headers what need not be downloaded. Nothing is written here. Only a proven TOP is asked (rule 11):
 * without one every candidate goes to the queue.
 */
export async function select(
  run: RunState,
  session: MaildropSession,
  listing: Listing,
  detection: Detection,
): Promise<Selection> {
  const selection = emptySelection();
  const context: SelectContext = { run, session, listing, detection, selection };
  await selectUnknown(context);
  await selectChanged(context);
  await selectClasses(context);
  await selectTwins(context);
  await selectFailed(context);
  return selection;
}

/**
 * What failed before, and criteria reject now, need not be tried again: known by the octets, or by the header of those
 * that are due.
 */
async function selectFailed({ run, session, listing, detection, selection }: SelectContext): Promise<void> {
  const asked: Candidate[] = [];
  for (const [indexes, failed] of [
    [detection.retries, selection.retries],
    [detection.waiting, selection.waiting],
  ] as const)
    for (const at of indexes) {
      const candidate = candidateOf(listing, at, "retry");
      const accepted = acceptsByOctets(run, candidate.listedOctets);
      if (accepted === false) selection.rejected.push(candidate);
      else if (accepted === null && failed === selection.retries) asked.push(candidate);
      else failed.push(candidate);
    }
  const open = await askHeaders(run, session, asked, (candidate, block) => {
    (accepts(run, candidate, block) ? selection.retries : selection.rejected).push(candidate);
  });
  append(selection.retries, open);
}

/** Rules 12 to 14: criteria and rebinding, on headers where they can decide something. */
async function selectUnknown({ run, session, listing, detection, selection }: SelectContext): Promise<void> {
  const asked: Candidate[] = [];
  const plain: Candidate[] = [];
  let undecided = 0;
  for (const at of detection.unknown) {
    const candidate = candidateOf(listing, at, "unknown");
    const { listedOctets } = candidate;
    const accepted = acceptsByOctets(run, listedOctets);
    if (accepted === false) {
      selection.rejected.push(candidate);
      continue;
    }
    if (accepted === null) undecided++;
    const renumbered = listedOctets === null || detection.absentOctets.has(listedOctets);
    const ask = topUsable(run) && (accepted === null || renumbered);
    (ask ? asked : plain).push(candidate);
  }
  if (undecided > 0 && run.facts.topProven === false)
    run.report.warn(
      "criteria-after-retr",
      "TOP cannot be used with this server: messages are downloaded to be decided by the criteria",
    );
  const wanted: Candidate[] = [];
  const open = await askHeaders(run, session, asked, (candidate, block) => {
    (accepts(run, candidate, block) ? wanted : selection.rejected).push(candidate);
  });
  const lookAlikes = new Map<string, number>();
  for (const candidate of wanted.length > 0 ? asked : []) {
    if (candidate.evidence === null) continue;
    const look = lookOf(classOf(candidate, candidate.evidence));
    lookAlikes.set(look, (lookAlikes.get(look) ?? 0) + 1);
  }
  for (const candidate of wanted) {
    const single = lookAlikes.get(lookOf(classOf(candidate, candidate.evidence))) === 1;
    if (candidate.evidence?.strong && single) selection.rebinds.push(candidate);
    else plain.push(candidate);
  }
  append(selection.queue, plain, open);
}
