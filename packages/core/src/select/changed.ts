import { type Candidate, candidateOf, classOf } from "../listing/candidate.ts";
import type { HeaderEvidence } from "../message/digest.ts";
import { classKey, isClassKey } from "../message/identity.ts";
import { equalOctets, latin1 } from "../message/octets.ts";
import { byIdentity, isSettled, isUnlike, type LedgerEntry } from "../ports/ledger-entry.ts";
import { append } from "./append.ts";
import { askHeaders } from "./evidence.ts";
import { accepts, acceptsByOctets, enqueue, type SelectContext } from "./selection.ts";

/** Rule 7: the unique-id is known, but the listed octets are not those of its row. */
export async function selectChanged(context: SelectContext): Promise<void> {
  const { run, session, listing, detection, selection } = context;
  const changed = detection.changed.map((at) => candidateOf(listing, at, "changed"));
  const rows = byIdentity(await run.entries(changed.flatMap(({ identity }) => identity ?? [])));
  const isSkipped = (candidate: Candidate): boolean => rowOf(rows, candidate)?.disposition === "skipped";
  const candidates: Candidate[] = [];
  for (const candidate of changed) {
    const rejected = isSkipped(candidate) && acceptsByOctets(run, candidate.listedOctets) === false;
    (rejected ? selection.rejected : candidates).push(candidate);
  }
  const same: { readonly candidate: Candidate; readonly row: LedgerEntry }[] = [];
  const others: Candidate[] = [];
  const open = await askHeaders(run, session, candidates, (candidate, block, evidence) => {
    const row = rowOf(rows, candidate);
    if (row?.disposition === "skipped" && !accepts(run, candidate, block)) selection.rejected.push(candidate);
    else if (row !== null && row.disposition !== "skipped" && isSameMessage(row, candidate, evidence))
      same.push({ candidate, row });
    else others.push(candidate);
  });
  append(others, open);
  const classRows = await settledClassRows(context, candidates);
  // Where the class row was written because the unique-id's own row was wrong about look-alikes, it is the later word.
  for (const one of [...same.splice(0)]) {
    if (!one.row.strong && classRows.has(one.candidate)) others.push(one.candidate);
    else same.push(one);
  }
  const taken = await namedByListed(context, [...same.map(({ row }) => row), ...classRows.values()]);
  for (const { candidate, row } of same) {
    // Rule 6a: it has to show what it is.
    if (row.messageId !== null && taken.has(row.messageId))
      enqueue(context, [twinOf(context, candidate)], row);
    else {
      selection.confirmed.push({ ...row, octets: candidate.listedOctets });
      if (row.messageId !== null) taken.add(row.messageId);
    }
  }
  for (const candidate of others) {
    const row = classRows.get(candidate);
    if (row === undefined) enqueue(context, [candidate], rowOf(rows, candidate));
    else if (row.messageId !== null && taken.has(row.messageId))
      enqueue(context, [candidate], rowOf(rows, candidate));
    else if (row.messageId !== null) {
      taken.add(row.messageId);
      selection.corrections.set(candidate.messageNumber, row.messageId);
    }
  }
}

function twinOf({ listing }: SelectContext, { at, evidence }: Candidate): Candidate {
  return Object.assign(candidateOf(listing, at, "twin"), { evidence });
}

/** What another message under a known unique-id was settled as before: a row of its own, by class. */
async function settledClassRows(
  { run }: SelectContext,
  candidates: readonly Candidate[],
): Promise<ReadonlyMap<Candidate, LedgerEntry>> {
  const keysOf = (candidate: Candidate): readonly Uint8Array[] =>
    // By octets alone where TOP had not proved itself when the row was written.
    [candidate.evidence, null].map((evidence) => classKey(classOf(candidate, evidence)));
  const rows = byIdentity(await run.entries(candidates.flatMap(keysOf)));
  const settled = new Map<Candidate, LedgerEntry>();
  for (const candidate of candidates)
    for (const key of keysOf(candidate)) {
      const row = rows.get(latin1(key));
      if (
        row === undefined ||
        !isSettled(row, run.criteriaDigest) ||
        isUnlike(row, candidate.evidence?.headerDigest ?? null)
      )
        continue;
      if (row.disposition !== "skipped" && row.occurrences === 0) continue;
      settled.set(candidate, row);
      break;
    }
  return settled;
}

/** Rule 6a for class rows: the messages that a listed unique-id's own row names too. */
async function namedByListed(
  { run, listing, detection: { index } }: SelectContext,
  classRows: readonly LedgerEntry[],
): Promise<Set<string>> {
  const messageIds = classRows.flatMap(({ messageId }) => messageId ?? []);
  const named = new Set<string>();
  if (messageIds.length === 0) return named;
  for (const row of await run.transact(({ ledger }) => ledger.entriesNaming(messageIds))) {
    const at = isClassKey(row.identity) ? -1 : index.find(row.identity);
    if (at >= 0 && index.isAlone(at) && row.octets === listing.octets(at) && row.messageId !== null)
      named.add(row.messageId);
  }
  return named;
}

function rowOf(rows: ReadonlyMap<string, LedgerEntry>, { identity }: Candidate): LedgerEntry | null {
  return identity === null ? null : (rows.get(latin1(identity)) ?? null);
}

function isSameMessage(row: LedgerEntry, candidate: Candidate, evidence: HeaderEvidence): boolean {
  if (row.headerDigest === null || !equalOctets(row.headerDigest, evidence.headerDigest)) return false;
  return evidence.strong || row.coreOctets === classOf(candidate, evidence).coreOctets;
}
