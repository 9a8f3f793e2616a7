import { isClassKey, uniqueIdKey } from "../../src/identity.ts";
import type { LedgerEntry, MaildropFacts, NewMessage, Outcome, RunSummary } from "../../src/index.ts";
import { equalOctets, latin1 } from "../../src/octets.ts";
import type { Habits } from "./history.ts";
import { isLookAlike, Looks } from "./looks.ts";
import { accepts, type Mail, mailWithOctets, VOLATILE_OCTETS } from "./mail.ts";
import type { Item, Listed, Server } from "./server.ts";
import type { ModelSession, SessionWatch } from "./session.ts";
import type { StoreWatch } from "./store.ts";

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
    | "check"
    | "stuck"
    | "error";
  readonly detail: string;
}

/** A run that saw its listing through. */
export interface CompletedRun {
  readonly session: ModelSession;
  readonly outcomes: readonly Outcome[];
  readonly summary: RunSummary;
  readonly criteria: 0 | 1 | null;
  readonly maxOctets: number | null;
  /** Unique-ids were trusted when it began. */
  readonly trusted: boolean;
  /** What the ledger held of the last listing's length when it began. */
  readonly lastCount: number;
  /** Another run was under way. */
  readonly inCompany: boolean;
  /** The last run of a history, after all faults are over: there is no excuse for anything that waits. */
  readonly last: boolean;
}

/**
 * The promise of RULES.md, held against what servers sent and what the store committed. U1 to U4 are excused as
 * narrowly as it can be told from outside.
 */
export class Oracle implements SessionWatch, StoreWatch {
  /** The first promise that was broken. */
  verdict: Verdict | null = null;
  /** Stored copies of each mail. */
  readonly stored = new Map<Mail, number>();
  /** Mail marked as known, and where. */
  readonly baseline = new Map<Mail, Set<Item>>();
  /** Under which usable unique-id and octets. */
  readonly #markedAs = new Map<Item, string>();
  trusted = true;
  lastCount = 0;
  criteria: 0 | 1 | null = null;
  /** The session of the baseline that is under way. */
  baselining: ModelSession | null = null;
  /** The run under way is to do nothing but retries, or has company that notes attempts and stores. */
  inNoOrder = false;
  /** Messages that were retrieved although they were stored. */
  readonly again: Mail[] = [];
  excused = 0;
  readonly #server: Server;
  /** What was ever listed under a unique-id and octets, under a unique-id, at all. */
  readonly #byIdAndOctets = new Map<string, Set<Mail>>();
  readonly #byId = new Map<string, Set<Mail>>();
  readonly #all = new Set<Mail>();
  readonly #items = new Map<string, Set<Item>>();
  /** The most messages of one content that one listing ever held under usable unique-ids. */
  readonly #atOnce = new Map<Mail, number>();
  readonly #ids = new Set<string>();
  /** What was retrieved under a usable unique-id in a session that ended with QUIT: its row knows its header. */
  readonly #shown = new Set<Item>();
  /** The ledger's rows as they were written last, and as they were when a session listed. */
  readonly #rows = new Map<string, LedgerEntry>();
  readonly #rowsBefore = new WeakMap<ModelSession, ReadonlyMap<string, LedgerEntry>>();
  readonly #looks = new Looks();
  /** A completed run has settled unlike headers under one unique-id: from then on there is no excuse by unique-id. */
  #caught = false;

  constructor(server: Server) {
    this.#server = server;
  }

  fail(kind: Verdict["kind"], detail: string): void {
    this.verdict ??= { kind, detail };
  }

  isSettled(mail: Mail): boolean {
    return this.stored.has(mail) || this.baseline.has(mail);
  }

  // What the session tells.

  listed(session: ModelSession): void {
    if (this.trusted) this.#rowsBefore.set(session, new Map(this.#rows));
    for (const { item, uniqueId, octets } of session.listing) {
      add(this.#byIdAndOctets, `${uniqueId} ${octets}`, item.mail);
      add(this.#byId, uniqueId, item.mail);
      this.#all.add(item.mail);
      if (session.hasIds) add(this.#items, `${uniqueId} ${item.mail.name}`, item);
    }
    const { classed, alone } = this.#parts(session, this.trusted);
    this.#looks.listed(session, classed, alone);
    if (!session.hasIds || !this.trusted) return;
    const counts = new Map<Mail, number>();
    for (const { item, uniqueId, octets } of usable(session)) {
      // After U1 the unique-id may stand for what had it before.
      const before = [
        ...(this.#byIdAndOctets.get(`${uniqueId} ${octets}`) ?? []),
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
  }

  /** Rule 15: what failed before comes after what is new. */
  #checkTurn(session: ModelSession, item: Item): void {
    const before = this.#rowsBefore.get(session);
    // Other octets make it new.
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
        accepts(this.criteria, one.item.mail),
    );
    if (waits.length > 0)
      this.fail("late", `${waits.map(nameOf).join(", ")} waits for ${item.mail.name}, which failed before`);
  }

  quitting(session: ModelSession): void {
    for (const listed of session.listing) {
      const { item } = listed;
      const { mail } = item;
      if (!session.retrieved.has(item) || this.isSettled(mail) || !accepts(this.criteria, mail)) continue;
      if (!this.#isMarkedLookAlike(mail) && !this.#isInPlaceOfMarked(listed))
        this.fail("quit", `QUIT, but ${mail.name} was retrieved and is neither stored nor skipped`);
    }
    for (const { item } of usable(session)) if (session.retrieved.has(item)) this.#shown.add(item);
  }

  /** U1: of mail that was marked without TOP nothing but id and octets is known before it is retrieved. */
  #isInPlaceOfMarked({ uniqueId, octets }: Listed): boolean {
    if (this.#server.habits.top === "ok") return false;
    return [...(this.#byIdAndOctets.get(`${uniqueId} ${octets}`) ?? [])].some((other) => {
      const marked = this.baseline.get(other);
      const items = this.#items.get(`${uniqueId} ${other.name}`) ?? new Set<Item>();
      return [...items].some((item) => marked?.has(item) && !this.#shown.has(item));
    });
  }

  /** Of marked mail no content is known: a look-alike in its place is U2 even where it is retrieved. */
  #isMarkedLookAlike(mail: Mail): boolean {
    return !mail.strong && [...this.baseline.keys()].some((marked) => isLookAlike(marked, mail));
  }

  // What the store tells.

  refuses(message: NewMessage): boolean {
    const mail = mailWithOctets(message.content.bytes ?? new Uint8Array(0));
    return mail !== null && this.#server.refusesContent(mail);
  }

  committed(
    messages: readonly NewMessage[],
    entries: readonly LedgerEntry[],
    facts: Partial<MaildropFacts>,
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
    if (this.baselining !== null) for (const entry of entries) this.#baselined(this.baselining, entry);
    for (const { disposition, messageId } of entries)
      if (disposition === "stored" && messageId !== null && !this.#ids.has(messageId))
        this.fail("lost", `a row names the message ${messageId}, which is not stored`);
  }

  #baselined(session: ModelSession, entry: LedgerEntry): void {
    const { identity, classUniqueId } = entry;
    const byClass = isClassKey(identity);
    // A class that was stored stays so; its other members are marked by its count.
    if (entry.disposition !== "baseline" && !byClass) return;
    const id = byClass ? classUniqueId : identity;
    const { top } = this.#server.habits;
    const headerDigest = byClass && top === "ok" ? entry.headerDigest : null;
    const alone = new Set(this.trusted ? usable(session) : []);
    for (const listed of session.listing) {
      const { item, uniqueId, octets } = listed;
      const hasId =
        id === null ? uniqueId === "" || this.#server.habits.ids === "none" : isKeyOf(uniqueId, id);
      const hasHeader = headerDigest === null || equalOctets(headerDigest, item.mail.headerDigest);
      if (!hasId || !hasHeader) continue;
      add(this.baseline, item.mail, item);
      if (alone.has(listed)) this.#markedAs.set(item, `${uniqueId} ${octets}`);
    }
  }

  // What must hold when a run has seen its listing through.

  completed(run: CompletedRun): void {
    const { session, outcomes, summary } = run;
    const told = new Set<number>();
    for (const outcome of outcomes) {
      if (outcome.kind === "stored" && !this.#ids.has(outcome.id))
        this.fail("lost", `${outcome.id} is not stored`);
      if (outcome.kind === "deferred" || outcome.kind === "failed") told.add(outcome.messageNumber);
    }
    this.#checkMarked(run);
    const owed = session.listing.filter(
      ({ item }, at) =>
        !item.gone &&
        accepts(run.criteria, item.mail) &&
        (run.last || (!told.has(at + 1) && this.isHealthy(item, run.maxOctets))),
    );
    const alone = new Set(usable(session));
    // What was left for another run is counted, not named.
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

  /** What was marked as known is not stored while nothing about it has changed. */
  #checkMarked({ session, outcomes, trusted }: CompletedRun): void {
    const alone = new Set(trusted ? usable(session) : []);
    for (const outcome of outcomes) {
      const listed = session.listing[outcome.messageNumber - 1];
      if (outcome.kind !== "stored" || listed === undefined || !alone.has(listed)) continue;
      // Where the header does not tell, the octets that LIST told must be right.
      const { sizes, top } = this.#server.habits;
      if (sizes !== "exact" && (top !== "ok" || !listed.item.mail.strong)) continue;
      const as = `${listed.uniqueId} ${listed.octets}`;
      // U1: what was listed in its place may have been taken for it.
      if (this.#markedAs.get(listed.item) === as && this.#byIdAndOctets.get(as)?.size === 1)
        this.fail("marked", `${nameOf(listed)} was marked as known, and is stored`);
    }
    // Rule 9: a class follows the listing down where its header is weak or not known.
    const items = new Set(session.listing.map(({ item }) => item));
    for (const item of this.#markedAs.keys())
      if (!items.has(item) && (!item.mail.strong || this.#server.habits.top !== "ok"))
        this.#markedAs.delete(item);
  }

  /** U2 is excused only while no more look-alikes are listed than were settled before. */
  #mayBeKnown({ session, trusted, inCompany }: CompletedRun, listed: Listed): boolean {
    // Where the listed octets change, so does the class: too much to follow.
    const { marks, sizes } = this.#server.habits;
    if (marks || sizes !== "exact" || inCompany) return true;
    const { classed } = this.#parts(session, trusted);
    return this.#looks.mayBeKnown(
      session,
      listed,
      // What was deleted meanwhile is not there to be counted.
      classed.filter(({ item }) => !item.gone),
    );
  }

  #parts(session: ModelSession, trusted: boolean): { classed: readonly Listed[]; alone: readonly Listed[] } {
    const alone = trusted ? usable(session) : [];
    const set = new Set(alone);
    return { alone, classed: session.listing.filter((listed) => !set.has(listed)) };
  }

  /** Two usable unique-ids of one completed listing are two messages, even if they are equal. */
  #checkCopies(run: CompletedRun, owed: readonly Listed[], alone: ReadonlySet<Listed>, left: number): void {
    const needed = new Map<Mail, Set<string>>();
    for (const listed of owed) {
      const { item, uniqueId } = listed;
      // One id for one copy after another is U1: nothing tells them apart.
      const reused = (this.#items.get(`${uniqueId} ${item.mail.name}`)?.size ?? 0) > 1;
      if (reused || this.#isExcused(run, listed, alone)) this.excused++;
      else add(needed, item.mail, uniqueId);
    }
    let missing = 0;
    const names: string[] = [];
    for (const [mail, ids] of needed) {
      const have = (this.stored.get(mail) ?? 0) + (this.baseline.get(mail)?.size ?? 0);
      if (ids.size <= have) continue;
      missing += ids.size - have;
      names.push(`${mail.name} under ${[...ids].join(" ")}: ${have} stored`);
    }
    if (missing > left) this.fail("lost-copy", names.join(", "));
  }

  /** What no client can tell: U1, and U2. */
  #isExcused(run: CompletedRun, listed: Listed, alone: ReadonlySet<Listed>): boolean {
    const { uniqueId, octets } = listed;
    const { mail } = listed.item;
    const isUsable = alone.has(listed);
    const settled = (other: Mail): boolean =>
      other !== mail && (this.isSettled(other) || !accepts(run.criteria, other));
    const inItsPlace = [...(this.#byIdAndOctets.get(`${uniqueId} ${octets}`) ?? [])];
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

  /** Healthy mail that is listed now and not stored, although the others' faults persist. */
  blocked(listing: readonly Listed[], maxOctets: number | null): readonly Listed[] {
    const { ids } = this.#server.habits;
    const alone = new Set(this.trusted ? usable({ hasIds: ids !== "none", listing }) : []);
    return listing.filter((listed) => {
      const { item, uniqueId } = listed;
      const { mail } = item;
      if (!this.isHealthy(item, maxOctets) || this.isSettled(mail) || !accepts(this.criteria, mail))
        return false;
      if (!mail.strong && [...this.#all].some((other) => isLike(other, mail))) return false;
      if (alone.has(listed)) return ![...(this.#byId.get(uniqueId) ?? [])].some((other) => other !== mail);
      return mail.strong;
    });
  }

  /** Mail on a server that hides that never had its turn. */
  starved(): readonly Item[] {
    const { ids } = this.#server.habits;
    return this.#server.items.filter(
      ({ mail, uniqueId }) =>
        !this.isSettled(mail) &&
        accepts(this.criteria, mail) &&
        (ids === "none" ||
          uniqueId === "" ||
          ![...(this.#byId.get(uniqueId) ?? [])].some((other) => other !== mail)) &&
        ![...this.#all].some((other) => isLike(other, mail)),
    );
  }

  /** True if a listing has entries that count by class. */
  isGrouped({ ids }: Habits): boolean {
    return ids === "none" || ids === "empty" || ids === "of-header" || ids === "of-content" || !this.trusted;
  }
}

/** The entries whose unique-id is not empty and stands once. */
function usable({ hasIds, listing }: { hasIds: boolean; listing: readonly Listed[] }): readonly Listed[] {
  if (!hasIds) return [];
  const counts = new Map<string, number>();
  for (const { uniqueId } of listing) counts.set(uniqueId, (counts.get(uniqueId) ?? 0) + 1);
  return listing.filter(({ uniqueId }) => uniqueId !== "" && counts.get(uniqueId) === 1);
}

function isKeyOf(uniqueId: string, key: Uint8Array): boolean {
  return uniqueId !== "" && equalOctets(uniqueIdKey(Buffer.from(uniqueId)), key);
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
