import { type Candidate, candidateOf, classOf } from "../listing/candidate.ts";
import type { HeaderEvidence } from "../message/digest.ts";
import { classKey, isClassKey } from "../message/identity.ts";
import { equalOctets, latin1 } from "../message/octets.ts";
import { byIdentity, isSettled, isUnlike, type LedgerEntry } from "../ports/ledger-entry.ts";
import { append } from "./append.ts";
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

/** Decides about entries whose unique-id is known, but with other listed octets than those of its row (rule 7). */
export async function selectChanged(context: SelectContext): Promise<void> {
  const {
    run,
    detection: { entries },
    selection,
  } = context;
  const changed = entries.in("changed").map((index) => candidateOf(entries.listing, index, "changed"));
  const rows = byIdentity(await run.rows(changed.flatMap(({ identity }) => identity ?? [])));
  const isSkipped = (candidate: Candidate): boolean => rowOf(rows, candidate)?.disposition === "skipped";
  const candidates: Candidate[] = [];
  for (const candidate of changed) {
    const rejected = isSkipped(candidate) && acceptsByOctets(run, candidate.listedOctets) === false;
    if (rejected) decide(context, candidate, "rejected");
    else candidates.push(candidate);
  }
  const alike: { readonly candidate: Candidate; readonly row: LedgerEntry }[] = [];
  const others: Candidate[] = [];
  const open = await askHeaders(run, candidates, (candidate, block, evidence) => {
    const row = rowOf(rows, candidate);
    if (row !== null && row.disposition !== "skipped" && isSameMessage(row, candidate, evidence)) {
      alike.push({ candidate, row });
      return;
    }
    const decision = decisionOf(run, candidate, block, firstSightOf(run, row));
    if (row?.disposition === "skipped" && decision !== true) leaveOut(context, candidate, decision);
    else {
      if (typeof decision !== "boolean") candidate.ripe = decision;
      others.push(candidate);
    }
  });
  append(others, open);
  const classRows = await settledClassRows(context, candidates);
  const same: typeof alike = [];
  // Where a weak header fits both the unique-id's row and a class row, the class row counts: it is the newer one,
  // written when the unique-id's row proved to be about another message.
  for (const one of alike) {
    if (!one.row.strong && classRows.has(one.candidate)) others.push(one.candidate);
    else same.push(one);
  }
  const taken = await namedByListed(context, [...same.map(({ row }) => row), ...classRows.values()]);
  for (const { candidate, row } of same) {
    // Rule 6a: another listed entry stands for this message already, so this one has to be retrieved.
    if (row.messageId !== null && taken.has(row.messageId)) enqueue(context, twinOf(context, candidate), row);
    else {
      selection.refreshedRows.push({ ...row, octets: candidate.listedOctets });
      entries.move(candidate.index, "known");
      if (row.messageId !== null) taken.add(row.messageId);
    }
  }
  for (const candidate of others) {
    const row = classRows.get(candidate);
    const messageId = row?.messageId ?? null;
    if (row === undefined || (messageId !== null && taken.has(messageId))) {
      if (candidate.ripe === null) enqueue(context, candidate, rowOf(rows, candidate));
      else leaveOut(context, candidate, candidate.ripe);
    } else {
      entries.move(candidate.index, "known");
      if (messageId === null) continue;
      taken.add(messageId);
      entries.correct(candidate.index, messageId);
    }
  }
}

function twinOf({ detection }: SelectContext, { index, evidence }: Candidate): Candidate {
  return Object.assign(candidateOf(detection.entries.listing, index, "twin"), { evidence });
}

/** For each candidate the class row, if any, as which another message under its unique-id was settled (rule 16). */
async function settledClassRows(
  { run }: SelectContext,
  candidates: readonly Candidate[],
): Promise<ReadonlyMap<Candidate, LedgerEntry>> {
  const keysOf = (candidate: Candidate): readonly Uint8Array[] =>
    // A row that was written before TOP had proved itself has a key without the header.
    [candidate.evidence, null].map((evidence) => classKey(classOf(candidate, evidence)));
  const rows = byIdentity(await run.rows(candidates.flatMap(keysOf)));
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

/** Of the messages that `rows` name, those that the row of a listed usable unique-id names, too (rule 6a). */
async function namedByListed(
  { run, detection: { entries } }: SelectContext,
  rows: readonly LedgerEntry[],
): Promise<Set<string>> {
  const messageIds = rows.flatMap(({ messageId }) => messageId ?? []);
  const named = new Set<string>();
  if (messageIds.length === 0) return named;
  for (const row of await run.transact(({ ledger }) => ledger.entriesNaming(messageIds))) {
    const index = isClassKey(row.identity) ? -1 : entries.uniqueIds.find(row.identity);
    const isUsable = index >= 0 && entries.uniqueIds.isAlone(index);
    if (isUsable && row.octets === entries.listing.octets(index) && row.messageId !== null)
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
