import type { Detection } from "../detect/detect.ts";
import { type Candidate, type ClassGroup, candidateOf, groupOf } from "../listing/candidate.ts";
import type { HeaderEvidence } from "../message/digest.ts";
import { lookAlikeKey } from "../message/identity.ts";
import { equalOctets, latin1 } from "../message/octets.ts";
import { byIdentity, isSettled } from "../ports/ledger-entry.ts";
import { askHeaders } from "./ask-headers.ts";
import {
  acceptsByOctets,
  decide,
  decisionOf,
  enqueue,
  firstSightOf,
  leaveOut,
  type SelectContext,
} from "./selection.ts";

/** Decides about entries without a usable unique-id: they are counted by class (rule 8). */
export async function selectClasses(context: SelectContext): Promise<void> {
  const {
    run,
    detection: { entries },
    selection,
  } = context;
  const groups = new Map<string, ClassGroup>();
  /** The header block of one member of each class, if there are criteria that need it. */
  const blocks = new Map<ClassGroup, Uint8Array>();
  const join = (candidate: Candidate, evidence: HeaderEvidence | null): ClassGroup => {
    const fresh = groupOf(candidate, evidence);
    const group = groups.get(latin1(fresh.key)) ?? fresh;
    groups.set(latin1(fresh.key), group);
    candidate.group = group;
    group.members.push(candidate);
    return group;
  };
  const candidates = entries.in("classed").map((index) => candidateOf(entries.listing, index, "classed"));
  const open = await askHeaders(run, candidates, (candidate, block, evidence) => {
    const group = join(candidate, evidence);
    if (run.criteria !== null && !blocks.has(group)) blocks.set(group, new Uint8Array(block));
  });
  for (const candidate of open) join(candidate, null);
  if (candidates.length > 0 && run.facts.topProven !== true)
    run.report.warn(
      "no-top",
      "neither unique-ids nor TOP can be used here: such messages are retrieved at every run, and stored once",
    );
  await readClassRows(context, [...groups.values()]);
  selection.unlikeUnderOneId = isUnlikeUnderOneId(groups.values());
  const lookAlikes = new Map<string, number>();
  for (const { of, members } of groups.values()) {
    const like = lookAlikeKey(of);
    lookAlikes.set(like, (lookAlikes.get(like) ?? 0) + members.length);
  }
  for (const group of groups.values()) {
    const single = lookAlikes.get(lookAlikeKey(group.of)) === 1;
    selectClass(context, group, blocks.get(group) ?? null, single);
  }
}

async function readClassRows({ run }: SelectContext, groups: readonly ClassGroup[]): Promise<void> {
  const ids = groups.flatMap(({ of }) => of.uniqueIdKey ?? []);
  const rows = byIdentity(await run.rows([...groups.map(({ key }) => key), ...ids]));
  for (const group of groups) {
    group.row = rows.get(latin1(group.key)) ?? null;
    group.marked = group.row?.disposition === "baseline";
    const { uniqueIdKey, headerDigest, coreOctets } = group.of;
    const own = uniqueIdKey === null ? undefined : rows.get(latin1(uniqueIdKey));
    if (own === undefined || own.headerDigest === null || headerDigest === null) continue;
    const same = own.coreOctets === coreOctets && equalOctets(own.headerDigest, headerDigest);
    if (!same || !isSettled(own, run.criteriaDigest)) continue;
    group.settledByUniqueId = 1;
    group.marked ||= own.disposition === "baseline";
  }
}

function selectClass(
  context: SelectContext,
  group: ClassGroup,
  block: Uint8Array | null,
  single: boolean,
): void {
  const { run, detection, selection } = context;
  selection.groups.push(group);
  const { row, members, settledByUniqueId } = group;
  const [first] = members;
  if (first === undefined) return;
  const settled = row !== null && isSettled(row, run.criteriaDigest);
  const decision =
    block === null
      ? acceptsByOctets(run, first.listedOctets) !== false
      : decisionOf(run, first, block, firstSightOf(run, row));
  if (decision === false) {
    if (settledByUniqueId === 1 || settled) makeKnown(detection, group);
    else for (const member of members) decide(context, member, "rejected");
    return;
  }
  const occurrences = (settled && row.disposition !== "skipped" ? row.occurrences : 0) + settledByUniqueId;
  if (group.of.headerDigest !== null && members.length <= occurrences) {
    makeKnown(detection, group);
    return;
  }
  if (decision !== true) {
    for (const member of members) leaveOut(context, member, decision);
    return;
  }
  if (single && group.strong && (row === null || row.disposition === "waiting")) {
    // Perhaps a message that is stored under its unique-id, which the server does not give today.
    decide(context, first, "renumbered");
    return;
  }
  // Each attempt begins with another member, so that one that always fails does not keep the others from their turn.
  const turn = (row?.attempts ?? 0) % members.length;
  for (const member of [...members.slice(turn), ...members.slice(0, turn)]) enqueue(context, member, row);
}

/** Makes all members of the class known. */
function makeKnown({ entries }: Detection, group: ClassGroup): void {
  group.settled = group.members.length;
  entries.moveAll(group.members, "known");
}

/** True if two classes have one unique-id and different headers (rule 10). */
function isUnlikeUnderOneId(groups: Iterable<ClassGroup>): boolean {
  const headers = new Map<string, Uint8Array>();
  for (const { of } of groups) {
    if (of.uniqueIdKey === null || of.headerDigest === null) continue;
    const id = latin1(of.uniqueIdKey);
    const other = headers.get(id);
    if (other !== undefined && !equalOctets(other, of.headerDigest)) return true;
    headers.set(id, of.headerDigest);
  }
  return false;
}
