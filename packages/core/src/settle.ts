import { type Candidate, type ClassGroup, classOf } from "./candidate.ts";
import type { MessageDigests } from "./digest.ts";
import { classKey, isClassKey } from "./identity.ts";
import { sameCriteria } from "./mark.ts";
import { equalOctets, latin1 } from "./octets.ts";
import type { LedgerEntry, NewMessage, StoredCopy } from "./ports/store.ts";
import type { Roll } from "./roll.ts";
import type { RunState, RunTransaction } from "./run-state.ts";

/** A retrieved message on its way into the ledger. */
export interface Arrival {
  readonly candidate: Candidate;
  readonly digests: MessageDigests;
  /** The row it becomes if its content is not stored yet; digest and copy are found when settling. */
  readonly message: Omit<NewMessage, "copy">;
  /** False if the criteria reject what was retrieved. */
  readonly accepted: boolean;
}

/** What settling found. */
export interface Settled {
  readonly arrival: Arrival;
  /**
   * `stored`: its content is a new message. `rebound`: its content is a stored message, so far under another identity.
   * `known`: the ledger said so already. `skipped`: the criteria reject it.
   */
  readonly kind: "stored" | "rebound" | "known" | "skipped";
  readonly messageId: string | null;
}

/**
 * Settles arrivals by content (rule 16), within one transaction. Nothing outside the transaction changes before
 * {@link Settling.applied} is called, so it can be done again.
 */
export class Settling {
  readonly #run: RunState;
  readonly #roll: Roll;
  readonly #now: Date;
  readonly #rows = new Map<string, LedgerEntry>();
  readonly #classRows: LedgerEntry[] = [];
  readonly #copies = new Map<string, StoredCopy[]>();
  readonly #naming = new Map<string, LedgerEntry[]>();
  readonly #inserts = new Map<string, LedgerEntry>();
  readonly #updates = new Map<string, LedgerEntry>();
  readonly #messages: NewMessage[] = [];
  readonly #groups = new Map<ClassGroup, { settled: number; messageId: string | null }>();
  readonly #corrections = new Map<number, string>();
  #distrust = false;
  #staleMark = false;

  constructor(run: RunState, roll: Roll) {
    this.#run = run;
    this.#roll = roll;
    this.#now = run.now();
  }

  /**
   * `look` false: nothing is asked first; a row or content that is there after all shows as a duplicate key, and the
   * caller settles again with `look` true.
   */
  async settle(tx: RunTransaction, arrivals: readonly Arrival[], look: boolean): Promise<readonly Settled[]> {
    if (look) await this.#look(tx, arrivals);
    const settled = arrivals.map((arrival) =>
      arrival.candidate.identity === null
        ? this.#settleClassed(arrival)
        : this.#settleUsable(arrival, arrival.candidate.identity),
    );
    for (const group of this.#groups.keys()) this.#closeGroup(group);
    await this.#write(tx);
    return settled;
  }

  /** The transaction is committed: what the run remembers follows. */
  applied(): void {
    for (const [group, { settled, messageId }] of this.#groups) {
      group.settled = settled;
      group.messageId = messageId;
    }
    for (const [messageNumber, messageId] of this.#corrections) this.#roll.correct(messageNumber, messageId);
  }

  async #look({ ledger }: RunTransaction, arrivals: readonly Arrival[]): Promise<void> {
    const keys = arrivals.flatMap(({ candidate }) => candidate.identity ?? candidate.group?.key ?? []);
    const ids = arrivals.flatMap(({ candidate }) => classOf(candidate, null).uniqueIdKey ?? []);
    for (const row of await ledger.entries([...keys, ...ids])) this.#rows.set(latin1(row.identity), row);
    this.#classRows.push(...(await ledger.classEntries(ids)));
    const copies = await ledger.copies(arrivals.map(({ digests }) => digests.digest));
    for (const copy of copies) this.#copiesOf(copy.digest).push(copy);
    for (const list of this.#copies.values()) list.sort((a, b) => a.copy - b.copy);
    const naming =
      copies.length === 0 ? [] : await ledger.entriesNaming(copies.map((copy) => copy.messageId));
    for (const row of naming) this.#name(row);
    const classIds = naming.flatMap(({ classUniqueId }) => classUniqueId ?? []);
    if (classIds.length > 0)
      for (const row of await ledger.entries(classIds)) this.#rows.set(latin1(row.identity), row);
  }

  #settleUsable(arrival: Arrival, identity: Uint8Array): Settled {
    const { candidate, digests } = arrival;
    const row = this.#rows.get(latin1(identity)) ?? null;
    const classRows = this.#classRows.filter((other) => sameId(other.classUniqueId, identity));
    const copies = this.#copiesOf(digests.digest);
    const own = copies.filter(({ messageId }) =>
      [row, ...classRows].some((other) => other?.messageId === messageId),
    );
    if (row !== null && candidate.why !== "twin" && isMarkedKnown(row, arrival)) {
      this.#put({ ...row, octets: candidate.listedOctets, attempts: 0, reason: null, due: null }, row);
      return { arrival, kind: "known", messageId: null };
    }
    const free = [...own, ...copies].find(({ messageId }) => !this.#isTaken(messageId, identity));
    if (free === undefined && !arrival.accepted) return this.#skip(arrival, row, identity);
    const messageId = free?.messageId ?? this.#store(arrival);
    const isNew = messageId === arrival.message.id;
    const settled = this.#storedRow(arrival, identity, messageId, row);
    const replaceable =
      row === null ||
      row.disposition === "deferred" ||
      (row.disposition === "skipped" && !sameCriteria(row.criteriaDigest, this.#run.criteriaDigest));
    if (replaceable || row.messageId === messageId) {
      this.#put(settled, row);
      if (classRows.some((other) => isUnlike(other, digests))) this.#distrust = true;
      return {
        arrival,
        kind: isNew ? "stored" : row?.messageId === messageId ? "known" : "rebound",
        messageId,
      };
    }
    const anotherCopy = row.messageId !== null && copies.some((copy) => copy.messageId === row.messageId);
    const wasTwin = candidate.why === "twin" && !isUnlike(row, digests);
    if (anotherCopy || wasTwin) this.#put(settled, row);
    else this.#addClassRow(arrival, row, messageId);
    return { arrival, kind: isNew ? "stored" : "rebound", messageId };
  }

  /** Another message stands under a unique-id that the ledger knows: it gets a row of its own, by class. */
  #addClassRow(arrival: Arrival, row: LedgerEntry, messageId: string | null): void {
    const { candidate, digests } = arrival;
    const of = classOf(candidate, this.#run.facts.topProven === true ? digests : null);
    const key = classKey(of);
    const before =
      this.#rows.get(latin1(key)) ?? this.#classRows.find((other) => equalOctets(other.identity, key));
    const stored = this.#storedRow(arrival, key, messageId, before ?? null);
    this.#put({ ...stored, classUniqueId: of.uniqueIdKey, coreOctets: of.coreOctets }, before ?? null);
    if (messageId !== null) this.#corrections.set(candidate.messageNumber, messageId);
    this.#staleMark = true;
    if (isUnlike(row, digests)) this.#distrust = true;
  }

  /** Rule 12: rejected after RETR. The row says so; it is no occurrence of anything. */
  #skip(arrival: Arrival, row: LedgerEntry | null, identity: Uint8Array): Settled {
    const skipped: LedgerEntry = {
      ...this.#storedRow(arrival, identity, null, row),
      disposition: "skipped",
      criteriaDigest: this.#run.criteriaDigest,
    };
    const twin = arrival.candidate.why === "twin";
    if (row === null || twin || row.disposition === "skipped" || row.disposition === "deferred")
      this.#put(skipped, row);
    else {
      this.#put({ ...row, attempts: 0, reason: null, due: null }, row);
      const of = classOf(arrival.candidate, this.#run.facts.topProven === true ? arrival.digests : null);
      const key = classKey(of);
      const before = this.#classRows.find((other) => equalOctets(other.identity, key)) ?? null;
      const classRow = { ...skipped, identity: key, classUniqueId: of.uniqueIdKey, occurrences: 0 };
      if (before === null || before.disposition === "skipped") this.#put(classRow, before);
      this.#staleMark = true;
      if (isUnlike(row, arrival.digests)) this.#distrust = true;
    }
    return { arrival, kind: "skipped", messageId: null };
  }

  #settleClassed(arrival: Arrival): Settled {
    const { candidate, digests } = arrival;
    const { group } = candidate;
    const copy = this.#copiesOf(digests.digest)[0];
    if (copy === undefined && !arrival.accepted) return { arrival, kind: "skipped", messageId: null };
    const messageId = copy?.messageId ?? this.#store(arrival);
    const isNew = messageId === arrival.message.id;
    if (group !== null) {
      const state = this.#groups.get(group) ?? { settled: group.settled, messageId: group.messageId };
      this.#groups.set(group, { settled: state.settled + 1, messageId });
      const own = group.of.uniqueIdKey === null ? undefined : this.#rows.get(latin1(group.of.uniqueIdKey));
      const others = this.#classRows.filter((other) => sameId(other.classUniqueId, group.of.uniqueIdKey));
      if ([own, ...others].some((other) => other !== undefined && isUnlike(other, digests)))
        this.#distrust = true;
    }
    return { arrival, kind: isNew ? "stored" : "known", messageId };
  }

  /** Rule 8: a class counts once all its members are settled, in the transaction that settles the last of them. */
  #closeGroup(group: ClassGroup): void {
    const state = this.#groups.get(group);
    if (state === undefined || state.settled < group.members.length) return;
    const row = classRowOf(group, state.messageId, this.#now);
    this.#put(row, this.#rows.get(latin1(group.key)) ?? null);
  }

  #store(arrival: Arrival): string {
    const copies = this.#copiesOf(arrival.digests.digest);
    const copy = (copies.at(-1)?.copy ?? -1) + 1;
    this.#messages.push({ ...arrival.message, copy });
    copies.push({ messageId: arrival.message.id, digest: arrival.digests.digest, copy });
    return arrival.message.id;
  }

  /** True if another usable unique-id of this listing stands for the message. */
  #isTaken(messageId: string, own: Uint8Array): boolean {
    return (this.#naming.get(messageId) ?? []).some((row) => {
      const id = isClassKey(row.identity) ? row.classUniqueId : row.identity;
      if (id === null || equalOctets(id, own)) return false;
      const listed = this.#roll.find(id);
      if (listed === null || !listed.usable) return false;
      if (listed.correctedTo !== null) return listed.correctedTo === messageId;
      if (!isClassKey(row.identity))
        return listed.confirmed || row.octets === null || row.octets === listed.octets;
      // The class row speaks for the id only if the id's own row does not.
      return this.#rows.get(latin1(id))?.octets !== listed.octets;
    });
  }

  #storedRow(
    { candidate, digests }: Arrival,
    identity: Uint8Array,
    messageId: string | null,
    before: LedgerEntry | null,
  ): LedgerEntry {
    return {
      identity,
      classUniqueId: null,
      disposition: "stored",
      messageId,
      octets: candidate.listedOctets,
      headerDigest: digests.headerDigest,
      coreOctets: digests.octets - digests.volatileOctets,
      strong: digests.strong,
      bound: false,
      occurrences: 1,
      criteriaDigest: null,
      attempts: 0,
      reason: null,
      due: null,
      firstSeen: before?.firstSeen ?? this.#now,
    };
  }

  #copiesOf(digest: Uint8Array): StoredCopy[] {
    const key = latin1(digest);
    const copies = this.#copies.get(key) ?? [];
    this.#copies.set(key, copies);
    return copies;
  }

  #name(row: LedgerEntry): void {
    if (row.messageId === null) return;
    const rows = this.#naming.get(row.messageId);
    if (rows === undefined) this.#naming.set(row.messageId, [row]);
    else rows.push(row);
  }

  #put(row: LedgerEntry, before: LedgerEntry | null): void {
    const key = latin1(row.identity);
    if (before === null || this.#inserts.has(key)) this.#inserts.set(key, row);
    else this.#updates.set(key, row);
    if (before !== null && before.messageId !== null) {
      const rows = this.#naming.get(before.messageId) ?? [];
      this.#naming.set(
        before.messageId,
        rows.filter((other) => !equalOctets(other.identity, row.identity)),
      );
    }
    this.#name(row);
    this.#rows.set(key, row);
  }

  async #write(tx: RunTransaction): Promise<void> {
    if (this.#messages.length > 0) await tx.ledger.insertMessages(this.#messages);
    if (this.#inserts.size > 0) await tx.ledger.insertEntries([...this.#inserts.values()]);
    if (this.#updates.size > 0) await tx.ledger.updateEntries([...this.#updates.values()]);
    if (this.#distrust && tx.facts.uniqueIdsTrusted) tx.change({ uniqueIdsTrusted: false });
    if (this.#distrust || this.#staleMark) tx.raiseGeneration();
  }
}

/** The row of a class all of whose listed members are settled (rules 8 and 9). */
export function classRowOf(group: ClassGroup, messageId: string | null, now: Date): LedgerEntry {
  const { row, members, bonus, strong, of } = group;
  const listed = Math.max(members.length - bonus, 0);
  return {
    identity: group.key,
    classUniqueId: of.uniqueIdKey,
    disposition: "stored",
    messageId: messageId ?? row?.messageId ?? null,
    octets: members[0]?.listedOctets ?? null,
    headerDigest: of.headerDigest,
    coreOctets: of.coreOctets,
    strong,
    bound: false,
    occurrences: strong && row?.disposition === "stored" ? Math.max(row.occurrences, listed) : listed,
    criteriaDigest: null,
    attempts: 0,
    reason: null,
    due: null,
    firstSeen: row?.firstSeen ?? now,
  };
}

function sameId(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a !== null && b !== null && equalOctets(a, b);
}

/** True if the row is known to be of a message with another header. */
function isUnlike(row: LedgerEntry, digests: MessageDigests): boolean {
  return row.headerDigest !== null && !equalOctets(row.headerDigest, digests.headerDigest);
}

/** True if the row marks this very message as known without download: it is not to be stored. */
function isMarkedKnown(row: LedgerEntry, { candidate, digests }: Arrival): boolean {
  if (row.disposition !== "baseline") return false;
  if (row.headerDigest === null) return row.octets === candidate.listedOctets;
  // Two unlike messages may share a weak header: then the octets must be the same too.
  const sameOctets = digests.strong || row.coreOctets === digests.octets - digests.volatileOctets;
  return sameOctets && !isUnlike(row, digests);
}
