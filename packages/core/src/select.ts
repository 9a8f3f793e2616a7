import { type Candidate, type ClassGroup, candidateOf, groupOf } from "./candidate.ts";
import type { Detection } from "./detect.ts";
import { type HeaderEvidence, headerEvidence, MAX_HEADER_OCTETS } from "./digest.ts";
import { headerEnd, readHeader } from "./header.ts";
import { isClassKey } from "./identity.ts";
import type { Listing } from "./listing.ts";
import type { ListingIndex } from "./listing-index.ts";
import { sameCriteria } from "./mark.ts";
import { equalOctets, latin1 } from "./octets.ts";
import type { MaildropSession } from "./ports/session.ts";
import type { LedgerEntry } from "./ports/store.ts";
import type { RunState } from "./run-state.ts";

/** Rows asked for at a time, and headers decided at a time. */
const BLOCK = 1000;

/** What is to be done with the candidates of a listing. */
export interface Selection {
  /** To be retrieved, new ones first. */
  readonly queue: Candidate[];
  /** Failed before, and due: to be tried last. */
  readonly retries: Candidate[];
  /** Failed before, and not due yet. */
  readonly waiting: Candidate[];
  /** Rows whose listed octets changed while a proven TOP says that the message is the same. */
  readonly confirmed: LedgerEntry[];
  /** Entries that turned out to be known. */
  known: number;
  /** Rejected by the criteria; their rows are to be written. */
  readonly rejected: Candidate[];
  /** Perhaps stored under another identity: to be looked up at the moment of binding. */
  readonly rebinds: Candidate[];
  readonly groups: ClassGroup[];
  /** True if unlike messages stand under one unique-id (rule 10). */
  unlikeUnderOneId: boolean;
}

/** True if what TOP says may decide anything for this run. */
export function topUsable(run: RunState): boolean {
  return run.facts.topProven === true;
}

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
  const selection: Selection = {
    queue: [],
    retries: [],
    waiting: [],
    confirmed: [],
    known: 0,
    rejected: [],
    rebinds: [],
    groups: [],
    unlikeUnderOneId: false,
  };
  const selector = new Selector(run, session, listing, selection);
  await selector.unknown(detection);
  await selector.changed(detection.changed, detection.index);
  await selector.boundBaseline(detection.boundBaseline, detection.index);
  await selector.classed(detection.classed);
  for (const at of detection.retries) selection.retries.push(candidateOf(listing, at, "retry"));
  for (const at of detection.waiting) selection.waiting.push(candidateOf(listing, at, "retry"));
  for (const at of detection.twins) selection.queue.push(candidateOf(listing, at, "twin"));
  return selection;
}

class Selector {
  readonly #run: RunState;
  readonly #session: MaildropSession;
  readonly #listing: Listing;
  readonly #selection: Selection;

  constructor(run: RunState, session: MaildropSession, listing: Listing, selection: Selection) {
    this.#run = run;
    this.#session = session;
    this.#listing = listing;
    this.#selection = selection;
  }

  /** Rules 12 to 14: criteria and rebinding, on headers where they can decide something. */
  async unknown(detection: Detection): Promise<void> {
    const { criteria } = this.#run;
    const asked: Candidate[] = [];
    const plain: Candidate[] = [];
    for (const at of detection.unknown) {
      const candidate = candidateOf(this.#listing, at, "unknown");
      const renumbered =
        candidate.listedOctets === null || detection.absentOctets.has(candidate.listedOctets);
      const ask = topUsable(this.#run) && (criteria !== null || renumbered);
      (ask ? asked : plain).push(candidate);
    }
    const lookAlikes = new Map<string, number>();
    const wanted: Candidate[] = [];
    await this.#ask(asked, plain, (candidate, block, evidence) => {
      const like = lookAlike(candidate, evidence);
      lookAlikes.set(like, (lookAlikes.get(like) ?? 0) + 1);
      if (this.#accepts(candidate, block)) wanted.push(candidate);
      else this.#selection.rejected.push(candidate);
    });
    for (const candidate of wanted) {
      const evidence = candidate.evidence;
      const single = evidence !== null && lookAlikes.get(lookAlike(candidate, evidence)) === 1;
      if (evidence?.strong && single) this.#selection.rebinds.push(candidate);
      else plain.push(candidate);
    }
    this.#selection.queue.push(...plain.sort((a, b) => a.at - b.at));
  }

  /** Rule 7: the listed octets are not those of the row. */
  async changed(indexes: readonly number[], index: ListingIndex): Promise<void> {
    const candidates = indexes.map((at) => candidateOf(this.#listing, at, "changed"));
    const rows = await this.#rows(candidates.flatMap(({ identity }) => identity ?? []));
    const open: Candidate[] = [];
    await this.#askIfProven(candidates, open, (candidate, _block, evidence) => {
      const row = candidate.identity === null ? undefined : rows.get(latin1(candidate.identity));
      if (row !== undefined && row.disposition !== "skipped" && isSameMessage(row, candidate, evidence)) {
        this.#selection.confirmed.push({ ...row, octets: candidate.listedOctets });
        this.#selection.known++;
      } else open.push(candidate);
    });
    await this.#changedByClass(open, rows, index);
  }

  /** The rest of rule 7: what another message under a known unique-id was settled as before. */
  async #changedByClass(
    open: readonly Candidate[],
    rows: ReadonlyMap<string, LedgerEntry>,
    index: ListingIndex,
  ): Promise<void> {
    const keys = new Map(open.map((candidate) => [candidate, groupOf(candidate, candidate.evidence).key]));
    const classRows = await this.#rows([...keys.values()]);
    const settled = new Map<Candidate, LedgerEntry>();
    for (const [candidate, key] of keys) {
      const row = classRows.get(latin1(key));
      if (row === undefined || !this.#isSettled(row)) continue;
      if (row.disposition === "skipped" || row.occurrences >= 1) settled.set(candidate, row);
    }
    const taken = await this.#namedByListed([...settled.values()], index);
    for (const candidate of open) {
      const row = settled.get(candidate);
      if (row === undefined)
        this.#enqueue([candidate], rows.get(latin1(candidate.identity ?? NO_OCTETS)) ?? null);
      else if (row.messageId !== null && taken.has(row.messageId)) this.#selection.queue.push(candidate);
      else this.#selection.known++;
    }
  }

  /** Rule 6a for class rows: the messages that a listed unique-id's own row names too. */
  async #namedByListed(classRows: readonly LedgerEntry[], index: ListingIndex): Promise<ReadonlySet<string>> {
    const messageIds = classRows.flatMap(({ messageId }) => messageId ?? []);
    const named = new Set<string>();
    for (let from = 0; from < messageIds.length; from += BLOCK) {
      const block = messageIds.slice(from, from + BLOCK);
      for (const row of await this.#run.transact(({ ledger }) => ledger.entriesNaming(block))) {
        const at = isClassKey(row.identity) ? -1 : index.find(row.identity);
        if (at >= 0 && index.isAlone(at) && row.octets === this.#listing.octets(at) && row.messageId !== null)
          named.add(row.messageId);
      }
    }
    return named;
  }

  /** Rule 6a for mail that was marked as known: of those bound to one source, only one can be it. */
  async boundBaseline(indexes: readonly number[], index: ListingIndex): Promise<void> {
    if (indexes.length === 0) return;
    const candidates = indexes.map((at) => candidateOf(this.#listing, at, "twin"));
    const rows = await this.#rows(candidates.flatMap(({ identity }) => identity ?? []));
    const sources = await this.#listedBaseline([...rows.values()], index);
    for (const candidate of candidates) {
      const row = rows.get(latin1(candidate.identity ?? NO_OCTETS));
      const source = row === undefined ? undefined : baselineKey(row);
      if (source === undefined || !sources.has(source)) {
        // The first of them stands for the source, as long as that is not listed itself.
        if (source !== undefined) sources.add(source);
        continue;
      }
      this.#selection.queue.push(candidate);
      this.#selection.known--;
    }
  }

  async #listedBaseline(bound: readonly LedgerEntry[], index: ListingIndex): Promise<Set<string>> {
    const digests = bound.flatMap(({ headerDigest }) => headerDigest ?? []);
    const sources = new Set<string>();
    for (let from = 0; from < digests.length; from += BLOCK) {
      const block = digests.slice(from, from + BLOCK);
      for (const row of await this.#run.transact(({ ledger }) => ledger.entriesWithHeader(block))) {
        const key = baselineKey(row);
        if (key === undefined || row.bound || isClassKey(row.identity)) continue;
        const at = index.find(row.identity);
        if (at >= 0 && index.isAlone(at)) sources.add(key);
      }
    }
    return sources;
  }

  /** Rule 8: without a usable unique-id, entries count by class. */
  async classed(indexes: readonly number[]): Promise<void> {
    const groups = new Map<string, ClassGroup>();
    const blocks = new Map<string, Uint8Array>();
    const join = (candidate: Candidate, block: Uint8Array | null, evidence: HeaderEvidence | null): void => {
      const fresh = groupOf(candidate, evidence);
      const key = latin1(fresh.key);
      const group = groups.get(key) ?? fresh;
      groups.set(key, group);
      if (block !== null && this.#run.criteria !== null && !blocks.has(key))
        blocks.set(key, new Uint8Array(block));
      candidate.group = group;
      group.members.push(candidate);
    };
    const open: Candidate[] = [];
    const candidates = indexes.map((at) => candidateOf(this.#listing, at, "classed"));
    await this.#askIfProven(candidates, open, (candidate, block, evidence) => {
      join(candidate, block, evidence);
    });
    for (const candidate of open) join(candidate, null, null);
    if (indexes.length > 0 && this.#run.facts.topProven === false)
      this.#run.report.warn(
        "no-top",
        "neither unique-ids nor TOP can be used here: such messages are retrieved at every run, and stored once",
      );
    await this.#readClassRows([...groups.values()]);
    this.#selection.unlikeUnderOneId = unlikeUnderOneId(groups.values());
    for (const [key, group] of groups) this.#settleClass(group, blocks.get(key) ?? null);
  }

  async #readClassRows(groups: readonly ClassGroup[]): Promise<void> {
    const ids = groups.flatMap(({ of }) => of.uniqueIdKey ?? []);
    const rows = await this.#rows([...groups.map(({ key }) => key), ...ids]);
    for (const group of groups) {
      group.row = rows.get(latin1(group.key)) ?? null;
      const { uniqueIdKey, headerDigest, coreOctets } = group.of;
      const own = uniqueIdKey === null ? undefined : rows.get(latin1(uniqueIdKey));
      const same =
        own?.headerDigest != null && headerDigest !== null && equalOctets(own.headerDigest, headerDigest);
      if (same && own.coreOctets === coreOctets && this.#isSettled(own)) group.bonus = 1;
    }
  }

  #settleClass(group: ClassGroup, block: Uint8Array | null): void {
    this.#selection.groups.push(group);
    const { row, members, bonus } = group;
    const first = members[0];
    if (first === undefined) return;
    if (block !== null && !this.#accepts(first, block)) {
      if (bonus === 1 || (row !== null && this.#isSettled(row))) this.#selection.known += members.length;
      else this.#selection.rejected.push(...members);
      return;
    }
    const settled = row !== null && row.disposition !== "skipped" && this.#isSettled(row);
    const occurrences = (settled ? row.occurrences : 0) + bonus;
    if (group.of.headerDigest !== null && members.length <= occurrences) {
      group.settled = members.length;
      this.#selection.known += members.length;
      return;
    }
    // A failing member must not keep the others of its class from their turn.
    const turn = (row?.attempts ?? 0) % members.length;
    this.#enqueue([...members.slice(turn), ...members.slice(0, turn)], row);
  }

  /** To the queue, or to where entries that failed before wait. */
  #enqueue(candidates: readonly Candidate[], row: LedgerEntry | null): void {
    const { queue, retries, waiting } = this.#selection;
    const failedBefore = row !== null && row.attempts > 0;
    if (!failedBefore) queue.push(...candidates);
    else if (row.due === null || row.due <= this.#run.now()) retries.push(...candidates);
    else waiting.push(...candidates);
  }

  #accepts(candidate: Candidate, block: Uint8Array): boolean {
    const { criteria } = this.#run;
    if (criteria === null) return true;
    const header = candidate.header ?? readHeader(block);
    return criteria.accepts({ header, block, octets: candidate.listedOctets });
  }

  #isSettled(row: LedgerEntry): boolean {
    if (row.disposition === "deferred") return false;
    return row.disposition !== "skipped" || sameCriteria(row.criteriaDigest, this.#run.criteriaDigest);
  }

  async #rows(identities: readonly Uint8Array[]): Promise<Map<string, LedgerEntry>> {
    const rows = new Map<string, LedgerEntry>();
    for (let from = 0; from < identities.length; from += BLOCK) {
      const block = identities.slice(from, from + BLOCK);
      for (const row of await this.#run.store.entries(this.#run.maildrop.id, block))
        rows.set(latin1(row.identity), row);
    }
    return rows;
  }

  async #askIfProven(candidates: readonly Candidate[], open: Candidate[], decide: Decide): Promise<void> {
    if (topUsable(this.#run)) await this.#ask(candidates, open, decide);
    else open.push(...candidates);
  }

  /** TOP for each; those that the server refuses stay open, RETR will tell more. */
  async #ask(candidates: readonly Candidate[], open: Candidate[], decide: Decide): Promise<void> {
    if (candidates.length === 0) return;
    const numbers = candidates.map(({ messageNumber }) => messageNumber);
    const pipelining = this.#session.pipelining && !this.#run.facts.sequential;
    let next = 0;
    for await (const reply of this.#session.topHeaders(numbers, { pipelining })) {
      const candidate = candidates[next++];
      if (candidate === undefined) break;
      if (reply.kind === "refused") {
        open.push(candidate);
        continue;
      }
      const block = reply.header.subarray(0, Math.min(headerEnd(reply.header), MAX_HEADER_OCTETS));
      candidate.evidence = headerEvidence(block);
      candidate.header = readHeader(block);
      decide(candidate, block, candidate.evidence);
    }
  }
}

const NO_OCTETS = new Uint8Array(0);

/** What rows that were bound to one message marked as known have in common with it. */
function baselineKey(row: LedgerEntry): string | undefined {
  if (row.disposition !== "baseline" || row.headerDigest === null) return undefined;
  return `${row.coreOctets}:${latin1(row.headerDigest)}`;
}

type Decide = (candidate: Candidate, block: Uint8Array, evidence: HeaderEvidence) => void;

function lookAlike(candidate: Candidate, evidence: HeaderEvidence): string {
  return `${(candidate.listedOctets ?? 0) - evidence.volatileOctets}:${latin1(evidence.headerDigest)}`;
}

function isSameMessage(row: LedgerEntry, candidate: Candidate, evidence: HeaderEvidence): boolean {
  if (row.headerDigest === null || !equalOctets(row.headerDigest, evidence.headerDigest)) return false;
  return evidence.strong || row.coreOctets === (candidate.listedOctets ?? 0) - evidence.volatileOctets;
}

function unlikeUnderOneId(groups: Iterable<ClassGroup>): boolean {
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
