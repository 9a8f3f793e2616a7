import { type ClassGroup, classOf, isKnownClass } from "../listing/candidate.ts";
import { classKey } from "../message/identity.ts";
import { equalOctets, latin1 } from "../message/octets.ts";
import { isSettled, isUnlike, type LedgerEntry } from "../ports/ledger-entry.ts";
import type { RunState, RunTransaction } from "../report/run-state.ts";
import type { Arrival } from "./arrival.ts";
import { LedgerView } from "./ledger-view.ts";
import { arrivedRow, classRow, NO_FAILURES } from "./row.ts";

/** What became of one arrival. */
export interface Settled {
  readonly arrival: Arrival;
  /**
   * `stored`: its content is new. `rebound`: its content is stored, so far under another identity. `known`: its row said
   * the same already. `skipped`: the criteria reject it.
   */
  readonly kind: "stored" | "rebound" | "known" | "skipped";
  /** The UUID of the stored message; null if there is none. */
  readonly messageId: string | null;
  /** `right`: the entry's own row is now about this message; `wrong`: it is about another one; null: no change. */
  readonly ownRowIs: "right" | "wrong" | null;
}

/** How many members of a class are settled and rejected, and the message that its row names. */
type GroupCount = Pick<ClassGroup, "settled" | "rejected" | "messageId">;

/** The counts of the group after these of its members are settled; a member without a message was rejected. */
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

/** Notes in the table of entries and in the groups what a transaction has settled. Call it after the commit only. */
export function remember({ entries }: RunState, settled: readonly Settled[]): void {
  for (const [group, members] of byGroup(settled)) Object.assign(group, counted(group, members));
  for (const { arrival, messageId, ownRowIs } of settled) {
    const { index, group } = arrival.candidate;
    const uniqueIdKey = group?.of.uniqueIdKey ?? null;
    if (uniqueIdKey !== null && messageId !== null)
      entries.noteHeader(uniqueIdKey, arrival.digests.headerDigest);
    if (ownRowIs === "right") entries.confirm(index);
    if (ownRowIs === "wrong" && messageId !== null) entries.correct(index, messageId);
  }
}

/** Settles arrivals by content (rule 16). It changes nothing outside of its transaction, which may so be repeated. */
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
   * Settles the arrivals and writes the result. With `readFirst` false nothing is read before: if a row or a content is
   * there already, {@link DuplicateKeyError} is thrown, and the caller has to settle again with `readFirst` true.
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
    // Another run, with another listing, may have bound an unknown entry meanwhile: its content decides (rule 6a).
    const isTwin =
      candidate.why === "twin" ||
      (candidate.why === "unknown" && row?.disposition === "baseline" && row.bound);
    if (row !== null && !isTwin && isMarkedKnown(row, arrival)) {
      this.#view.put(this.#markedRow(arrival, row), row);
      return { arrival, kind: "known", messageId: null, ownRowIs: null };
    }
    const classRows = this.#view.classRows(identity);
    const copies = this.#view.copiesOf(digests.digest);
    const own = copies.filter(({ messageId }) =>
      [row, ...classRows].some((other) => other?.messageId === messageId),
    );
    const free = [...own, ...copies].find(({ messageId }) => !this.#view.isTaken(messageId, identity));
    if (free === undefined && !arrival.accepted) return this.#skip(arrival, row, identity);
    const messageId = free?.messageId ?? this.#view.addCopy(arrival);
    const isNew = messageId === arrival.message.id;
    if (row === null || !isSettled(row, this.#run.criteriaDigest) || row.messageId === messageId) {
      this.#view.put(this.#arrivedRow(arrival, identity, messageId, row), row);
      if (classRows.some((other) => isUnlike(other, digests.headerDigest))) this.#distrust = true;
      const isKnown = row?.messageId === messageId;
      return {
        arrival,
        kind: isNew ? "stored" : isKnown ? "known" : "rebound",
        messageId,
        ownRowIs: "right",
      };
    }
    const isOther = isUnlike(row, digests.headerDigest) || (row.disposition !== "stored" && !isTwin);
    if (isOther) this.#addClassRow(arrival, row, messageId);
    else {
      // A copy, or a message with the same header: TOP could never tell the two apart, so the row now names this one.
      this.#view.put(this.#arrivedRow(arrival, identity, messageId, row), row);
      this.#staleMark ||= !copies.some((copy) => copy.messageId === row.messageId);
    }
    return { arrival, kind: isNew ? "stored" : "rebound", messageId, ownRowIs: isOther ? "wrong" : null };
  }

  /** Gives the arrival a class row, because `row`, its unique-id's own row, is about another message. */
  #addClassRow(arrival: Arrival, row: LedgerEntry, messageId: string): void {
    const { candidate, digests } = arrival;
    const of = classOf(candidate, this.#run.facts.topProven === true ? digests : null);
    const key = classKey(of);
    const before = this.#view.classRow(key);
    const stored = this.#arrivedRow(arrival, key, messageId, before);
    this.#view.put({ ...stored, classUniqueId: of.uniqueIdKey, coreOctets: of.coreOctets }, before);
    this.#displaced(arrival, row);
  }

  /** Notes that the criteria reject the arrival (rule 12). It counts as no occurrence of its class. */
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
      row.disposition === "deferred" ||
      row.disposition === "waiting"
    )
      this.#view.put(skipped, row);
    else {
      this.#view.put({ ...row, ...NO_FAILURES }, row);
      const of = classOf(candidate, this.#run.facts.topProven === true ? digests : null);
      const key = classKey(of);
      const before = this.#view.classRow(key);
      const classRow = { ...skipped, identity: key, classUniqueId: of.uniqueIdKey, occurrences: 0 };
      if (before === null || before.disposition === "skipped" || before.disposition === "waiting")
        this.#view.put(classRow, before);
      this.#displaced(arrival, row);
    }
    return { arrival, kind: "skipped", messageId: null, ownRowIs: null };
  }

  /** Drops the mark, because `row` is about another message than the arrival; unlike headers end the trust (rule 10). */
  #displaced({ digests }: Arrival, row: LedgerEntry): void {
    this.#staleMark = true;
    if (isUnlike(row, digests.headerDigest)) this.#distrust = true;
  }

  #settleClassed(arrival: Arrival): Settled {
    const { group } = arrival.candidate;
    const [copy] = this.#view.copiesOf(arrival.digests.digest);
    // Rule 19: mail that is marked as known is retrieved only to move the provider's window on, and not stored.
    const isMarked = group !== null && isKnownClass(group) && group.marked;
    if (copy === undefined && (isMarked || !arrival.accepted))
      return { arrival, kind: isMarked ? "known" : "skipped", messageId: null, ownRowIs: null };
    const messageId = copy?.messageId ?? this.#view.addCopy(arrival);
    const uniqueIdKey = group?.of.uniqueIdKey ?? null;
    if (uniqueIdKey !== null) {
      const own = this.#view.row(uniqueIdKey);
      const others = [...(own === null ? [] : [own]), ...this.#view.classRows(uniqueIdKey)];
      if (others.some((other) => isUnlike(other, arrival.digests.headerDigest))) this.#distrust = true;
    }
    return {
      arrival,
      kind: messageId === arrival.message.id ? "stored" : "known",
      messageId,
      ownRowIs: null,
    };
  }

  /**
   * Writes the class's row in the transaction that settles the last of its members (rule 8). Rejected members count as no
   * occurrence; if no member fails any more, the failed attempts of the class are forgotten (rule 12).
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

  /** True if messages retrieved under one unique-id have different headers (rule 10); needed where TOP cannot tell. */
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

  /** The row of marked mail after its retrieval: if it had only octets so far, it takes over this header (rule 24). */
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

/** True if the row marks this message as known, so that it must not be stored. */
function isMarkedKnown(row: LedgerEntry, { candidate, digests }: Arrival): boolean {
  if (row.disposition !== "baseline") return false;
  if (row.headerDigest === null) return row.octets === candidate.listedOctets;
  // Different messages may share a weak header, so then the octets must be the same, too.
  const sameOctets = digests.strong || row.coreOctets === digests.octets - digests.volatileOctets;
  return sameOctets && !isUnlike(row, digests.headerDigest);
}
