import { type Candidate, candidateOf } from "./candidate.ts";
import type { Detection } from "./detect.ts";
import type { HeaderEvidence } from "./digest.ts";
import { askHeaders, topUsable } from "./evidence.ts";
import type { Listing } from "./listing.ts";
import { latin1 } from "./octets.ts";
import type { MaildropSession } from "./ports/session.ts";
import type { RunState } from "./run-state.ts";
import { selectChanged } from "./select-changed.ts";
import { selectClasses } from "./select-classes.ts";
import { selectTwins } from "./select-twins.ts";
import { accepts, emptySelection, type SelectContext, type Selection } from "./selection.ts";

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
  for (const at of detection.retries) selection.retries.push(candidateOf(listing, at, "retry"));
  for (const at of detection.waiting) selection.waiting.push(candidateOf(listing, at, "retry"));
  return selection;
}

/** Rules 12 to 14: criteria and rebinding, on headers where they can decide something. */
async function selectUnknown({ run, session, listing, detection, selection }: SelectContext): Promise<void> {
  const asked: Candidate[] = [];
  const plain: Candidate[] = [];
  for (const at of detection.unknown) {
    const candidate = candidateOf(listing, at, "unknown");
    const { listedOctets } = candidate;
    const renumbered = listedOctets === null || detection.absentOctets.has(listedOctets);
    const ask = topUsable(run) && (run.criteria !== null || renumbered);
    (ask ? asked : plain).push(candidate);
  }
  const lookAlikes = new Map<string, number>();
  const wanted: Candidate[] = [];
  const open = await askHeaders(run, session, asked, (candidate, block, evidence) => {
    const like = lookAlike(candidate, evidence);
    lookAlikes.set(like, (lookAlikes.get(like) ?? 0) + 1);
    if (accepts(run, candidate, block)) wanted.push(candidate);
    else selection.rejected.push(candidate);
  });
  for (const candidate of wanted) {
    const { evidence } = candidate;
    const single = evidence !== null && lookAlikes.get(lookAlike(candidate, evidence)) === 1;
    if (evidence?.strong && single) selection.rebinds.push(candidate);
    else plain.push(candidate);
  }
  selection.queue.push(...plain, ...open);
}

function lookAlike(candidate: Candidate, evidence: HeaderEvidence): string {
  return `${(candidate.listedOctets ?? 0) - evidence.volatileOctets}:${latin1(evidence.headerDigest)}`;
}
