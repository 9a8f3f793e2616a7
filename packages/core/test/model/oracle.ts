import type { LedgerEntry, MaildropFacts, NewMessage, Outcome, RunSummary } from "../../src/index.ts";
import { uniqueIdKey } from "../../src/message/identity.ts";
import { latin1, sameOctets } from "../../src/message/octets.ts";
import { LONGEST_WAIT_MS } from "../../src/ports/due.ts";
import type { Habits } from "./history.ts";
import { isLookAlike, Looks } from "./looks.ts";
import { type Mail, mailWithOctets, VOLATILE_OCTETS } from "./mail.ts";
import { Marks, placeOf } from "./marks.ts";
import { type Item, type Listed, type Server, usable } from "./server.ts";
import type { ModelSession, SessionWatch } from "./session.ts";
import type { StoreWatch } from "./store.ts";
import { criteriaOf, isEarly, isKept, isWanted, START, type Wish } from "./wish.ts";

/** A promise that was broken. */
export interface Verdict {
  readonly kind:
    | "lost"
    | "lost-copy"
    | "twice"
    | "marked"
    | "octets"
    | "quit"
    | "again"
    | "busy"
    | "blocked"
    | "starved"
    | "late"
    | "early"
    | "asked"
    | "check"
    | "counts"
    | "stuck"
    | "error";
  readonly detail: string;
}

/** A run that came to its end. */
export interface CompletedRun {
  readonly session: ModelSession;
  readonly outcomes: readonly Outcome[];
  readonly summary: RunSummary;
  readonly criteria: Wish | null;
  readonly maxOctets: number | null;
  /** True if unique-ids were trusted when it began. */
  readonly trusted: boolean;
  /** The maildrop's `lastCount` when it began. */
  readonly lastCount: number;
  /** True if another run was under way at the same time. */
  readonly inCompany: boolean;
  /** True for the last run of a history, after all faults have ended: then no message may wait. */
  readonly last: boolean;
}

/**
 * Checks the promise of RULES.md by what servers sent and what the store committed. It excuses U1 to U4 as narrowly as
 * they can be recognised from outside.
 */
export class Oracle implements SessionWatch, StoreWatch {
  /** The first promise that was broken. */
  verdict: Verdict | null = null;
  /** Number of stored copies of each mail. */
  readonly stored = new Map<Mail, number>();
  trusted = true;
  lastCount = 0;
  criteria: Wish | null = null;
  /** The client's clock, in milliseconds. */
  now: () => number = () => START;
  /** True if nothing in the history is a reason to retrieve what is stored, or what the criteria do not want yet. */
  isOrderly = false;
  /** The session of the baseline that is under way. */
  baselining: ModelSession | null = null;
  /** True if rule 15 does not hold for the present run: it is for retries only, or another run is under way. */
  inNoOrder = false;
  /** The mails that were retrieved although they were stored. */
  readonly again: Mail[] = [];
  excused = 0;
  readonly #server: Server;
  readonly #marks: Marks;
  /** All mails that were ever listed: under each unique-id with octets, under each unique-id, and at all. */
  readonly #byPlace = new Map<string, Set<Mail>>();
  readonly #byId = new Map<string, Set<Mail>>();
  readonly #all = new Set<Mail>();
  readonly #items = new Map<string, Set<Item>>();
  /** The most messages of each content that one listing ever had under usable unique-ids. */
  readonly #atOnce = new Map<Mail, number>();
  /** When each message was first listed, by the clock of the client; the earliest of these times where that was set back. */
  readonly #firstListed = new Map<Item, number>();
  readonly #ids = new Set<string>();
  /** The ledger's rows as they are, and as they were when a session listed. */
  readonly #rows = new Map<string, LedgerEntry>();
  readonly #rowsBefore = new WeakMap<ModelSession, ReadonlyMap<string, LedgerEntry>>();
  readonly #looks = new Looks();
  /** True once a completed run has settled unlike headers under one unique-id: from then on U1 is no excuse. */
  #caught = false;

  constructor(server: Server) {
    this.#server = server;
    this.#marks = new Marks(server);
  }

  fail(kind: Verdict["kind"], detail: string): void {
    this.verdict ??= { kind, detail };
  }

  isSettled(mail: Mail): boolean {
    return this.stored.has(mail) || this.#marks.has(mail);
  }

  // Calls of the session.

  listed(session: ModelSession): void {
    if (this.trusted) this.#rowsBefore.set(session, new Map(this.#rows));
    for (const listed of session.listing) {
      const { item, uniqueId } = listed;
      const now = this.now();
      this.#firstListed.set(item, Math.min(now, this.#firstListed.get(item) ?? now));
      add(this.#byPlace, placeOf(listed), item.mail);
      add(this.#byId, uniqueId, item.mail);
      this.#all.add(item.mail);
      if (session.hasIds) add(this.#items, `${uniqueId} ${item.mail.name}`, item);
    }
    const { classed, alone } = this.#parts(session, this.trusted);
    this.#looks.listed(session, classed, alone);
    if (!session.hasIds || !this.trusted) return;
    const counts = new Map<Mail, number>();
    for (const listed of usable(session)) {
      const { item, uniqueId } = listed;
      // After U1 the ledger may take the unique-id for the mail that had it before.
      const before = [
        ...(this.#byPlace.get(placeOf(listed)) ?? []),
        ...[...(this.#byId.get(uniqueId) ?? [])].filter((other) => isLookAlike(other, item.mail)),
      ];
      const mails = new Set([item.mail, ...before]);
      for (const mail of mails) counts.set(mail, (counts.get(mail) ?? 0) + 1);
    }
    for (const [mail, count] of counts) this.#atOnce.set(mail, Math.max(count, this.#atOnce.get(mail) ?? 0));
  }

  retrieving(session: ModelSession, item: Item): void {
    if (this.stored.has(item.mail)) this.again.push(item.mail);
    this.#checkTurn(session, item);
    this.#checkAge(session, item);
  }

  /** Rule 25: what is not old enough is not retrieved, once TOP has said so. */
  #checkAge(session: ModelSession, item: Item): void {
    const number = session.listing.findIndex((listed) => listed.item === item) + 1;
    if (!this.isOrderly || !session.commands.includes(`TOP ${number} 0`)) return;
    const now = this.now();
    if (isEarly(this.criteria, item.mail, now, this.#firstListed.get(item) ?? now))
      this.fail("early", `${item.mail.name} is retrieved, and is not old enough`);
  }

  /** Rule 15: messages that failed before are retrieved after new ones. */
  #checkTurn(session: ModelSession, item: Item): void {
    const before = this.#rowsBefore.get(session);
    // With other octets a message that failed before counts as new.
    if (before === undefined || this.inNoOrder || this.#server.habits.sizes !== "exact") return;
    const rowOf = ({ uniqueId }: Listed) => before.get(latin1(uniqueIdKey(Buffer.from(uniqueId))));
    const listed = usable(session).find((one) => one.item === item);
    const row = listed === undefined ? undefined : rowOf(listed);
    if (row?.disposition !== "deferred" || row.octets !== listed?.octets) return;
    const waits = usable(session).filter(
      (one) =>
        rowOf(one) === undefined &&
        !session.retrieved.has(one.item) &&
        this.isHealthy(one.item, null) &&
        !this.isSettled(one.item.mail) &&
        isWanted(this.criteria, one.item.mail, this.now()),
    );
    if (waits.length > 0)
      this.fail("late", `${waits.map(nameOf).join(", ")} waits for ${item.mail.name}, which failed before`);
  }

  quitting(session: ModelSession): void {
    for (const listed of session.listing) {
      const { item } = listed;
      const { mail } = item;
      if (!session.retrieved.has(item) || this.isSettled(mail) || !isKept(this.criteria, mail)) continue;
      if (!this.#marks.mayHide(listed, this.#byPlace.get(placeOf(listed)) ?? []))
        this.fail("quit", `QUIT, but ${mail.name} was retrieved and is neither stored nor skipped`);
    }
    this.#marks.quitting(session);
  }

  // Calls of the store.

  refuses(message: NewMessage): boolean {
    const mail = mailWithOctets(message.content.bytes ?? new Uint8Array(0));
    return mail !== null && this.#server.refusesContent(mail);
  }

  committed(
    messages: readonly NewMessage[],
    entries: readonly LedgerEntry[],
    facts: Partial<MaildropFacts>,
    deleted: readonly Uint8Array[],
  ): void {
    this.trusted = facts.uniqueIdsTrusted ?? this.trusted;
    this.lastCount = facts.lastCount ?? this.lastCount;
    for (const message of messages) {
      const { bytes } = message.content;
      const mail = bytes === null ? null : mailWithOctets(bytes);
      if (mail === null) {
        this.fail("octets", `stored ${Buffer.from(bytes ?? []).toString("latin1")}, which nobody sent`);
        continue;
      }
      const count = (this.stored.get(mail) ?? 0) + 1;
      this.stored.set(mail, count);
      this.#ids.add(message.id);
      const most = Math.max(1, this.#atOnce.get(mail) ?? 0);
      if (count > most)
        this.fail("twice", `${mail.name} is stored ${count} times, at most ${most} were listed`);
    }
    for (const entry of entries) this.#rows.set(latin1(entry.identity), entry);
    for (const identity of deleted) this.#rows.delete(latin1(identity));
    if (this.baselining !== null)
      for (const entry of entries) this.#marks.written(this.baselining, entry, this.trusted);
    for (const { disposition, messageId } of entries)
      if (disposition === "stored" && messageId !== null && !this.#ids.has(messageId))
        this.fail("lost", `a row names the message ${messageId}, which is not stored`);
  }

  // What must hold when a run has come to its end.

  completed(run: CompletedRun): void {
    const { session, outcomes, summary } = run;
    this.#checkAsked(run);
    const told = new Set<number>();
    const alone = new Set(usable(session));
    for (const outcome of outcomes) {
      const listed = session.listing[outcome.messageNumber - 1];
      if (outcome.kind === "stored" && !this.#ids.has(outcome.id))
        this.fail("lost", `${outcome.id} is not stored`);
      if (outcome.kind === "stored" && listed !== undefined && run.trusted && alone.has(listed))
        this.#checkMarked(listed);
      if (outcome.kind === "deferred" || outcome.kind === "failed") told.add(outcome.messageNumber);
    }
    this.#marks.followDown(session);
    const owed = session.listing.filter(
      ({ item }, at) =>
        !item.gone &&
        isWanted(run.criteria, item.mail, this.now(), run.last) &&
        (run.last || (!told.has(at + 1) && this.isHealthy(item, run.maxOctets))),
    );
    // Messages that are left for another run are only counted, so it is not known which ones they are.
    const left = run.last ? 0 : summary.left + summary.retries;
    const lost = owed.filter(
      (listed) => !this.isSettled(listed.item.mail) && !this.#isExcused(run, listed, alone),
    );
    if (lost.length > left) this.fail("lost", lost.map(nameOf).join(", "));
    if (run.trusted && this.trusted)
      this.#checkCopies(
        run,
        owed.filter((listed) => alone.has(listed)),
        alone,
        left,
      );
    this.#noteUnlike(session);
    const suspicious = session.listing.length * 2 < run.lastCount || session.listing.length === 0;
    const whole = session.listing.every(
      ({ item }, at) => this.isHealthy(item, run.maxOctets) && !told.has(at + 1),
    );
    if (suspicious || run.inCompany || !whole || left > 0) return;
    const { classed, alone: single } = this.#parts(session, run.trusted);
    this.#looks.followDown(session, classed, single);
  }

  /** Rule 25: what waits under these criteria, where it was, costs no TOP until it is ripe. */
  #checkAsked({ session, criteria, inCompany }: CompletedRun): void {
    const before = this.#rowsBefore.get(session);
    if (before === undefined || inCompany || !this.isOrderly) return;
    const digest = criteriaOf(criteria)?.digest ?? null;
    for (const listed of usable(session)) {
      const row = before.get(latin1(uniqueIdKey(Buffer.from(listed.uniqueId))));
      if (row?.disposition !== "waiting" || row.octets !== listed.octets || row.due === null) continue;
      const ahead = row.due.getTime() - this.now();
      const isRipe = ahead <= 0 || ahead > LONGEST_WAIT_MS;
      if (isRipe || !sameOctets(row.criteriaDigest, digest)) continue;
      const command = `TOP ${session.listing.indexOf(listed) + 1} 0`;
      if (session.commands.includes(command)) this.fail("asked", `${command}, but ${nameOf(listed)} waits`);
    }
  }

  /** Mail that was marked as known must not be stored while nothing about it has changed. */
  #checkMarked(listed: Listed): void {
    // U1 is excused: another mail that was listed in its place may have been taken for it.
    if (this.#marks.isUnchanged(listed) && this.#byPlace.get(placeOf(listed))?.size === 1)
      this.fail("marked", `${nameOf(listed)} was marked as known, and is stored`);
  }

  /** True if U2 is an excuse: no more look-alikes are listed than may have been settled before. */
  #mayBeKnown({ session, trusted, inCompany }: CompletedRun, listed: Listed): boolean {
    // With the listed octets the class changes, too, which the model does not follow.
    const { marks, sizes } = this.#server.habits;
    if (marks || sizes !== "exact" || inCompany) return true;
    const { classed } = this.#parts(session, trusted);
    return this.#looks.mayBeKnown(
      session,
      listed,
      // Mail that was deleted meanwhile could not be retrieved.
      classed.filter(({ item }) => !item.gone),
    );
  }

  #parts(session: ModelSession, trusted: boolean): { classed: readonly Listed[]; alone: readonly Listed[] } {
    const alone = trusted ? usable(session) : [];
    const set = new Set(alone);
    return { alone, classed: session.listing.filter((listed) => !set.has(listed)) };
  }

  /** Two usable unique-ids of one listing are two messages, even if their contents are equal: both must be stored. */
  #checkCopies(run: CompletedRun, owed: readonly Listed[], alone: ReadonlySet<Listed>, left: number): void {
    const needed = new Map<Mail, Set<string>>();
    for (const listed of owed) {
      const { item, uniqueId } = listed;
      // U1 is excused: a unique-id that had one copy after the other, which nothing tells apart.
      const reused = (this.#items.get(`${uniqueId} ${item.mail.name}`)?.size ?? 0) > 1;
      if (reused || this.#isExcused(run, listed, alone)) this.excused++;
      else add(needed, item.mail, uniqueId);
    }
    let missing = 0;
    const names: string[] = [];
    for (const [mail, ids] of needed) {
      const have = (this.stored.get(mail) ?? 0) + this.#marks.count(mail);
      if (ids.size <= have) continue;
      missing += ids.size - have;
      names.push(`${mail.name} under ${[...ids].join(" ")}: ${have} stored`);
    }
    if (missing > left) this.fail("lost-copy", names.join(", "));
  }

  /** True if no client could know that the message was not stored yet: U1 and U2. */
  #isExcused(run: CompletedRun, listed: Listed, alone: ReadonlySet<Listed>): boolean {
    const { uniqueId } = listed;
    const { mail } = listed.item;
    const isUsable = alone.has(listed);
    const settled = (other: Mail): boolean =>
      other !== mail && (this.isSettled(other) || !isWanted(run.criteria, other, this.now(), run.last));
    const inItsPlace = [...(this.#byPlace.get(placeOf(listed)) ?? [])];
    const excused =
      (isUsable && run.trusted && !this.#caught && inItsPlace.some(settled)) ||
      (isUsable &&
        !mail.strong &&
        [...(this.#byId.get(uniqueId) ?? [])].some((other) => isLookAlike(other, mail))) ||
      (!mail.strong &&
        this.#server.habits.top === "ok" &&
        !(isUsable && run.trusted) &&
        [...this.#all].some((other) => isLookAlike(other, mail)) &&
        this.#mayBeKnown(run, listed));
    if (excused) this.excused++;
    return excused;
  }

  #noteUnlike(session: ModelSession): void {
    if (!session.hasIds) return;
    const headers = new Map<string, number>();
    for (const { item, uniqueId } of session.listing) {
      if (uniqueId === "" || item.gone || !this.isHealthy(item, null) || !this.isSettled(item.mail)) continue;
      const other = headers.get(uniqueId);
      if (other !== undefined && other !== item.mail.header) this.#caught = true;
      headers.set(uniqueId, item.mail.header);
    }
  }

  /** True if nothing keeps the message from being retrieved and stored. */
  isHealthy(item: Item, maxOctets: number | null): boolean {
    const size = item.mail.size + VOLATILE_OCTETS;
    return item.fault === null && !this.#server.refusesContent(item.mail) && size <= (maxOctets ?? size);
  }

  /** The healthy messages of the listing that are not stored, perhaps because of the faults of others. */
  blocked(listing: readonly Listed[], maxOctets: number | null): readonly Listed[] {
    const { ids } = this.#server.habits;
    const alone = new Set(this.trusted ? usable({ hasIds: ids !== "none", listing }) : []);
    return listing.filter((listed) => {
      const { item, uniqueId } = listed;
      const { mail } = item;
      if (!this.isHealthy(item, maxOctets) || this.isSettled(mail)) return false;
      if (!isWanted(this.criteria, mail, this.now())) return false;
      if (!mail.strong && [...this.#all].some((other) => isLike(other, mail))) return false;
      if (alone.has(listed)) return ![...(this.#byId.get(uniqueId) ?? [])].some((other) => other !== mail);
      return mail.strong;
    });
  }

  /** The messages on a server that hides retrieved ones which were never listed, and so are not stored. */
  starved(): readonly Item[] {
    const { ids } = this.#server.habits;
    return this.#server.items.filter(
      ({ mail, uniqueId }) =>
        !this.isSettled(mail) &&
        isWanted(this.criteria, mail, this.now(), true) &&
        (ids === "none" ||
          uniqueId === "" ||
          ![...(this.#byId.get(uniqueId) ?? [])].some((other) => other !== mail)) &&
        ![...this.#all].some((other) => isLike(other, mail)),
    );
  }

  /** True if listings have entries without a usable unique-id, which count by class. */
  isGrouped({ ids }: Habits): boolean {
    return ids === "none" || ids === "empty" || ids === "of-header" || ids === "of-content" || !this.trusted;
  }
}

function isLike(other: Mail, mail: Mail): boolean {
  return other !== mail && other.header === mail.header;
}

function nameOf({ item, uniqueId }: Listed): string {
  return `${item.mail.name} under "${uniqueId}"`;
}

function add<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}
