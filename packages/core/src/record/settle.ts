import { type ClassGroup, classOf, isKnownClass } from "../listing/candidate.ts";
import { classKey } from "../message/identity.ts";
import { equalOctets, latin1 } from "../message/octets.ts";
import { isSettled, isUnlike, type LedgerEntry } from "../ports/ledger-entry.ts";
import type { RunState, RunTransaction } from "../report/run-state.ts";
import type { Arrival } from "./arrival.ts";
import { LedgerView } from "./ledger-view.ts";
import { arrivedRow, classRow, NO_FAILURES } from "./row.ts";

/** What settling found of one arrival. */
export interface Settled {
  readonly arrival: Arrival;
  /**
   * `stored`: its content is a new message. `rebound`: its content is a stored message, so far under another identity.
   * `known`: the ledger said so already. `skipped`: the criteria reject it.
   */
  readonly kind: "stored" | "rebound" | "known" | "skipped";
  readonly messageId: string | null;
  /** Whether the entry's own row says what it is from now on, or is about another message; null: neither is new. */
  readonly ownRow: "right" | "wrong" | null;
}

/** How many members of a class are settled and rejected, and which message it stands for. */
type GroupCount = Pick<ClassGroup, "settled" | "rejected" | "messageId">;

/** What a group comes to with these of its members; one that is neither stored nor found (no message) is rejected. */
function counted({ settled, rejected, messageId }: ClassGroup, members: readonly Settled[]): GroupCount {
  const found = members.flatMap((one) => one.messageId ?? []);
  return {
    settled: settled + found.length,
    rejected: rejected + members.length - found.length,
    messageId: found.at(-1) ?? messageId,
  };
}

function byGroup(settled: readonly Settled[]): ReadonlyMap<ClassGroup, readonly Settled[]> {
  const groups = new Map<ClassGroup, Settled[]>();
  for (const one of settled) {
    const { group } = one.arrival.candidate;
    if (group === null) continue;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [one]);
    else members.push(one);
  }
  return groups;
}

/** The transaction that settled these is committed: what the run knows of its entries follows. */
export function remember({ entries }: RunState, settled: readonly Settled[]): void {
  for (const [group, members] of byGroup(settled)) Object.assign(group, counted(group, members));
  for (const { arrival, messageId, ownRow } of settled) {
    const { index, group } = arrival.candidate;
    const uniqueIdKey = group?.of.uniqueIdKey ?? null;
    if (uniqueIdKey !== null && messageId !== null)
      entries.noteHeader(uniqueIdKey, arrival.digests.headerDigest);
    if (ownRow === "right") entries.confirm(index);
    if (ownRow === "wrong" && messageId !== null) entries.correct(index, messageId);
  }
}

/** Settles arrivals by content (rule 16), within one transaction; nothing outside of it changes, so it can be done again. */
export class Settling {
  readonly #run: RunState;
  readonly #now: Date;
  readonly #view: LedgerView;
  #distrust = false;
  #staleMark = false;

  constructor(run: RunState) {
    this.#run = run;
    this.#now = run.now();
    this.#view = new LedgerView(run.entries);
  }

  /**
   * `readFirst` false: nothing is asked first; a row or content that is there after all shows as a duplicate key, and the
   * caller settles again with `readFirst` true.
   */
  async settle(
    tx: RunTransaction,
    arrivals: readonly Arrival[],
    readFirst: boolean,
  ): Promise<readonly Settled[]> {
    if (readFirst) await this.#view.read(tx.ledger, arrivals);
    const settled = arrivals.map((arrival) =>
      arrival.candidate.identity === null
        ? this.#settleClassed(arrival)
        : this.#settleUsable(arrival, arrival.candidate.identity),
    );
    if (this.#hasUnlikeHeaders(settled)) this.#distrust = true;
    for (const [group, members] of byGroup(settled)) this.#closeGroup(group, counted(group, members));
    await this.#view.write(tx.ledger);
    if (this.#distrust) tx.change({ uniqueIdsTrusted: false });
    if (this.#distrust || this.#staleMark) tx.raiseGeneration();
    return settled;
  }

  #settleUsable(arrival: Arrival, identity: Uint8Array): Settled {
    const { candidate, digests } = arrival;
    const row = this.#view.row(identity);
    // Bound to marked mail by a run that did not see what this one sees: here it has to show what it is (rule 6a).
    const isTwin =
      candidate.why === "twin" ||
      (candidate.why === "unknown" && row?.disposition === "baseline" && row.bound);
    if (row !== null && !isTwin && isMarkedKnown(row, arrival)) {
      this.#view.put(this.#markedRow(arrival, row), row);
      return { arrival, kind: "known", messageId: null, ownRow: null };
    }
    const classRows = this.#view.classRows(identity);
    const copies = this.#view.copiesOf(digests.digest);
    const own = copies.filter(({ messageId }) =>
      [row, ...classRows].some((other) => other?.messageId === messageId),
    );
    const free = [...own, ...copies].find(({ messageId }) => !this.#view.isTaken(messageId, identity));
    if (free === undefined && !arrival.accepted) return this.#skip(arrival, row, identity);
    const messageId = free?.messageId ?? this.#view.store(arrival);
    const isNew = messageId === arrival.message.id;
    if (row === null || !isSettled(row, this.#run.criteriaDigest) || row.messageId === messageId) {
      this.#view.put(this.#arrivedRow(arrival, identity, messageId, row), row);
      if (classRows.some((other) => isUnlike(other, digests.headerDigest))) this.#distrust = true;
      const isKnown = row?.messageId === messageId;
      return { arrival, kind: isNew ? "stored" : isKnown ? "known" : "rebound", messageId, ownRow: "right" };
    }
    const isOther = isUnlike(row, digests.headerDigest) || (row.disposition !== "stored" && !isTwin);
    if (isOther) this.#addClassRow(arrival, row, messageId);
    else {
      // A copy, or a look-alike: its header could not tell the two apart, so the row follows what is there now.
      this.#view.put(this.#arrivedRow(arrival, identity, messageId, row), row);
      this.#staleMark ||= !copies.some((copy) => copy.messageId === row.messageId);
    }
    return { arrival, kind: isNew ? "stored" : "rebound", messageId, ownRow: isOther ? "wrong" : null };
  }

  /** Another message stands under a unique-id that the ledger knows: it gets a row of its own, by class. */
  #addClassRow(arrival: Arrival, row: LedgerEntry, messageId: string): void {
    const { candidate, digests } = arrival;
    const of = classOf(candidate, this.#run.facts.topProven === true ? digests : null);
    const key = classKey(of);
    const before = this.#view.classRow(key);
    const stored = this.#arrivedRow(arrival, key, messageId, before);
    this.#view.put({ ...stored, classUniqueId: of.uniqueIdKey, coreOctets: of.coreOctets }, before);
    this.#displaced(arrival, row);
  }

  /** Rule 12: rejected after RETR. The row says so; it is no occurrence of anything. */
  #skip(arrival: Arrival, row: LedgerEntry | null, identity: Uint8Array): Settled {
    const { candidate, digests } = arrival;
    const skipped: LedgerEntry = {
      ...this.#arrivedRow(arrival, identity, null, row),
      disposition: "skipped",
      criteriaDigest: this.#run.criteriaDigest,
    };
    if (
      row === null ||
      candidate.why === "twin" ||
      row.disposition === "skipped" ||
      row.disposition === "deferred"
    )
      this.#view.put(skipped, row);
    else {
      this.#view.put({ ...row, ...NO_FAILURES }, row);
      const of = classOf(candidate, this.#run.facts.topProven === true ? digests : null);
      const key = classKey(of);
      const before = this.#view.classRow(key);
      const classRow = { ...skipped, identity: key, classUniqueId: of.uniqueIdKey, occurrences: 0 };
      if (before === null || before.disposition === "skipped") this.#view.put(classRow, before);
      this.#displaced(arrival, row);
    }
    return { arrival, kind: "skipped", messageId: null, ownRow: null };
  }

  /** The unique-id's own row is about another message: no mark may cover it, and unlike headers end all trust. */
  #displaced({ digests }: Arrival, row: LedgerEntry): void {
    this.#staleMark = true;
    if (isUnlike(row, digests.headerDigest)) this.#distrust = true;
  }

  #settleClassed(arrival: Arrival): Settled {
    const { group } = arrival.candidate;
    const [copy] = this.#view.copiesOf(arrival.digests.digest);
    // Rule 19: what is marked as known is retrieved only to move a window on.
    const isMarked = group !== null && isKnownClass(group) && group.marked;
    if (copy === undefined && (isMarked || !arrival.accepted))
      return { arrival, kind: isMarked ? "known" : "skipped", messageId: null, ownRow: null };
    const messageId = copy?.messageId ?? this.#view.store(arrival);
    const uniqueIdKey = group?.of.uniqueIdKey ?? null;
    if (uniqueIdKey !== null) {
      const own = this.#view.row(uniqueIdKey);
      const others = [...(own === null ? [] : [own]), ...this.#view.classRows(uniqueIdKey)];
      if (others.some((other) => isUnlike(other, arrival.digests.headerDigest))) this.#distrust = true;
    }
    return { arrival, kind: messageId === arrival.message.id ? "stored" : "known", messageId, ownRow: null };
  }

  /**
   * Rule 8: a class counts once all its members are settled, in the transaction that settles the last of them. Rule 12:
   * a rejection is no occurrence; that none of the members fails any more ends what failed before.
   */
  #closeGroup(group: ClassGroup, { settled, rejected, messageId }: GroupCount): void {
    const all = group.members.length;
    if (isKnownClass(group) || (settled < all && settled + rejected >= all)) this.#clearAttempts(group);
    else if (settled >= all) this.#view.put(classRow(group, messageId, this.#now), this.#view.row(group.key));
  }

  #clearAttempts({ key }: ClassGroup): void {
    const row = this.#view.row(key);
    if (row === null || row.attempts === 0) return;
    const cleared = { ...row, ...NO_FAILURES };
    const { criteriaDigest } = this.#run;
    const isDeferred = row.disposition === "deferred";
    this.#view.put(isDeferred ? { ...cleared, disposition: "skipped", criteriaDigest } : cleared, row);
  }

  /** Rule 10 in one listing, where TOP does not tell: what was retrieved under one unique-id must have one header. */
  #hasUnlikeHeaders(settled: readonly Settled[]): boolean {
    const headers = new Map<string, Uint8Array>();
    return settled.some(({ arrival: { candidate, digests }, messageId }) => {
      const uniqueIdKey = candidate.group?.of.uniqueIdKey ?? null;
      if (uniqueIdKey === null || messageId === null) return false;
      const key = latin1(uniqueIdKey);
      const before = headers.get(key) ?? this.#run.entries.headerUnder(uniqueIdKey);
      headers.set(key, digests.headerDigest);
      return before !== null && !equalOctets(before, digests.headerDigest);
    });
  }

  /** Rule 24: where nothing was known of marked mail but its octets, what arrives first says what it is from then on. */
  #markedRow({ candidate, digests }: Arrival, row: LedgerEntry): LedgerEntry {
    const refreshed = { ...row, octets: candidate.listedOctets, ...NO_FAILURES };
    if (row.headerDigest !== null) return refreshed;
    const { headerDigest, strong } = digests;
    return { ...refreshed, headerDigest, coreOctets: digests.octets - digests.volatileOctets, strong };
  }

  #arrivedRow(
    arrival: Arrival,
    identity: Uint8Array,
    messageId: string | null,
    before: LedgerEntry | null,
  ): LedgerEntry {
    return arrivedRow(arrival, identity, messageId, before?.firstSeen ?? this.#now);
  }
}

/** True if the row marks this very message as known without download: it is not to be stored. */
function isMarkedKnown(row: LedgerEntry, { candidate, digests }: Arrival): boolean {
  if (row.disposition !== "baseline") return false;
  if (row.headerDigest === null) return row.octets === candidate.listedOctets;
  // Two unlike messages may share a weak header: then the octets must be the same too.
  const sameOctets = digests.strong || row.coreOctets === digests.octets - digests.volatileOctets;
  return sameOctets && !isUnlike(row, digests.headerDigest);
}
