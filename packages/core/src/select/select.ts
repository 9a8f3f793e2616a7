import type { Detection } from "../detect/detect.ts";
import { type Candidate, candidateOf, classOf } from "../listing/candidate.ts";
import { lookAlikeKey } from "../message/identity.ts";
import type { RunState } from "../report/run-state.ts";
import { askHeaders, topUsable } from "./ask-headers.ts";
import { selectChanged } from "./changed.ts";
import { selectClasses } from "./classes.ts";
import {
  acceptsByOctets,
  decide,
  decisionOf,
  emptySelection,
  firstSights,
  leaveOut,
  type SelectContext,
  type Selection,
} from "./selection.ts";
import { selectTwins } from "./twins.ts";

/**
 * Decides by octets and headers which messages need not be downloaded, and moves the entries accordingly. Writes nothing
 * into the ledger. TOP is asked only if it has proved itself (rule 11).
 */
export async function select(run: RunState, detection: Detection): Promise<Selection> {
  const selection = emptySelection();
  const context: SelectContext = { run, detection, selection };
  const { entries } = detection;
  const failed = { retry: entries.in("retry"), notDue: entries.in("notDue") };
  await selectUnknown(context);
  await selectChanged(context);
  await selectClasses(context);
  await selectTwins(context);
  await selectFailed(context, failed);
  return selection;
}

/** Decides about unknown entries by criteria, and finds renumbered mail (rules 12 to 14); asks TOP only where needed. */
async function selectUnknown(context: SelectContext): Promise<void> {
  const {
    run,
    detection: { entries, absentOctets, hasUndecidedRows },
  } = context;
  const asked: Candidate[] = [];
  const plain: Candidate[] = [];
  let undecided = 0;
  for (const index of entries.in("unknown")) {
    const candidate = candidateOf(entries.listing, index, "unknown");
    const { listedOctets } = candidate;
    const accepted = acceptsByOctets(run, listedOctets);
    if (accepted === false) {
      decide(context, candidate, "rejected");
      continue;
    }
    if (accepted === null) undecided++;
    const mayBeRenumbered = listedOctets === null || absentOctets.has(listedOctets);
    const ask = topUsable(run) && (accepted === null || mayBeRenumbered);
    (ask ? asked : plain).push(candidate);
  }
  if (undecided > 0 && run.facts.topProven === false)
    run.report.warn(
      "criteria-after-retr",
      "TOP cannot be used with this server: messages are downloaded to be decided by the criteria",
    );
  const wanted: Candidate[] = [];
  const firstSeen = await firstSights(run, asked, hasUndecidedRows);
  const open = await askHeaders(run, asked, (candidate, block) => {
    const decision = decisionOf(run, candidate, block, firstSeen(candidate));
    if (decision === true) wanted.push(candidate);
    else leaveOut(context, candidate, decision);
  });
  const looks = new Map<string, number>();
  for (const candidate of wanted.length > 0 ? asked : []) {
    if (candidate.evidence === null) continue;
    const look = lookAlikeKey(classOf(candidate, candidate.evidence));
    looks.set(look, (looks.get(look) ?? 0) + 1);
  }
  for (const candidate of wanted) {
    const isSingle = looks.get(lookAlikeKey(classOf(candidate, candidate.evidence))) === 1;
    if (candidate.evidence?.strong && isSingle) decide(context, candidate, "renumbered");
    else plain.push(candidate);
  }
  for (const candidates of [plain, open])
    for (const candidate of candidates) decide(context, candidate, "queued");
}

/**
 * Leaves out entries that failed before if the criteria do not want them, so that they are not tried again. Their listed
 * octets are always looked at, their headers only when they are due.
 */
async function selectFailed(
  context: SelectContext,
  failed: Readonly<Record<"retry" | "notDue", readonly number[]>>,
): Promise<void> {
  const { run, detection } = context;
  const asked: Candidate[] = [];
  for (const state of ["retry", "notDue"] as const)
    for (const index of failed[state]) {
      const candidate = candidateOf(detection.entries.listing, index, "retry");
      const accepted = acceptsByOctets(run, candidate.listedOctets);
      if (accepted === false) decide(context, candidate, "rejected");
      else if (accepted === null && state === "retry") asked.push(candidate);
      else decide(context, candidate, state);
    }
  const firstSeen = await firstSights(run, asked, true);
  const open = await askHeaders(run, asked, (candidate, block) => {
    const decision = decisionOf(run, candidate, block, firstSeen(candidate));
    if (decision === true) decide(context, candidate, "retry");
    else leaveOut(context, candidate, decision);
  });
  for (const candidate of open) decide(context, candidate, "retry");
}
