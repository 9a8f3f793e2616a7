import type { Gateway } from "../database/gateway.ts";
import type { Candidates } from "../database/word-index.ts";
import type { TableNames } from "../schema/table-names.ts";
import { compareOctets } from "../values/octets.ts";
import { lowestUuidAt, uuidToOctets } from "../values/uuid-octets.ts";
import { type FoundMessage, foundAmong } from "./searched-messages.ts";
import type { Sought } from "./sought.ts";
import { hasBounds, notRuledOut, walk } from "./walk.ts";

/** Candidates of one search, and how many of them are read before it is left off. */
const MOST_CANDIDATES = 20_000;
const MOST_READ = 2000;
/** Statements that look for candidates. */
const MOST_STEPS = 20;
/** Candidates that are asked for at once, and read at once: the texts of these are in memory. */
const STEP = 200;
/** The same where most may be ruled out by their rows alone. */
const LONG_STEP = 1000;
const GROUP = 25;
/** The id of a message may have been made so long before it was stored. */
const ID_AGE_MS = 24 * 3_600_000;

/** How candidates are found. All ways give them newest first, so that a page may go another way than the one before. */
type Way =
  /** All messages are gone over. */
  | { readonly kind: "walk" }
  /** By their words in the index, and those that are not in it besides. */
  | { readonly kind: "words"; readonly unread: readonly Uint8Array[] };

/**
 * By words, where the query needs some. But what headers say is to be found in messages, too, that nobody has read yet: these
 * are looked at one by one, or, where there are many of them, all messages are.
 */
async function chosenWay(
  gateway: Gateway,
  names: TableNames,
  { query, unread: unreadMessages }: Sought,
  before: Uint8Array | null,
): Promise<Way> {
  if (query.clauses.length === 0) return { kind: "walk" };
  if (query.needsContent) return { kind: "words", unread: [] };
  if (gateway.dialect.words.isMissing) return { kind: "walk" };
  const unread = await gateway.read((statements) => unreadMessages(statements, names, before));
  return unread === null ? { kind: "walk" } : { kind: "words", unread };
}

/** At most so many messages, before this one. */
export interface PageWanted {
  readonly limit: number;
  readonly before: Uint8Array | null;
}

/** What was found, and from where to go on; null if everything was looked at. */
export interface Page<T> {
  readonly found: readonly T[];
  readonly next: Uint8Array | null;
}

/**
 * The messages that are found, those stored last first. One call looks at a bounded number of messages: there may be fewer
 * than are wanted, even none, and more behind them.
 *
 * @param take what is kept of each: its text is not
 */
export async function newestMessages<T>(
  gateway: Gateway,
  names: TableNames,
  sought: Sought,
  wanted: PageWanted,
  take: (found: FoundMessage) => T,
): Promise<Page<T>> {
  const way = await chosenWay(gateway, names, sought, wanted.before);
  return new Search(gateway, names, sought, way).page(wanted, take);
}

class Search {
  readonly #gateway: Gateway;
  readonly #names: TableNames;
  readonly #sought: Sought;
  readonly #way: Way;
  readonly #lowest: Uint8Array;
  readonly #step: number;

  constructor(gateway: Gateway, names: TableNames, sought: Sought, way: Way) {
    this.#gateway = gateway;
    this.#names = names;
    this.#sought = sought;
    this.#way = way;
    this.#step = hasBounds(sought) ? LONG_STEP : STEP;
    this.#lowest = lowestUuidAt(new Date(Math.max(0, (sought.query.stored.min ?? 0) - ID_AGE_MS)));
  }

  async page<T>({ limit, before: after }: PageWanted, take: (found: FoundMessage) => T): Promise<Page<T>> {
    const found: T[] = [];
    let before = after;
    let candidates = 0;
    let read = 0;
    for (let step = 0; step < MOST_STEPS && candidates < MOST_CANDIDATES; step++) {
      const { keys, next } = await this.#candidates(before, step === 0 ? Math.min(limit, STEP) : this.#step);
      for (let from = 0; from < keys.length; from += GROUP) {
        if (read >= MOST_READ) return { found, next: before };
        const group = keys.slice(from, from + GROUP);
        const looked = await foundAmong(this.#gateway, this.#names, this.#sought, group);
        candidates += group.length;
        read += looked.read;
        for (const one of looked.found) {
          found.push(take(one));
          if (found.length === limit) return { found, next: uuidToOctets(one.message.id) };
        }
        before = group.at(-1) ?? before;
      }
      if (next === null) return { found, next: null };
      before = next;
    }
    return { found, next: before };
  }

  async #candidates(before: Uint8Array | null, limit: number): Promise<Candidates> {
    const stretch = { before, lowest: this.#lowest, limit };
    const way = this.#way;
    if (way.kind === "walk")
      return this.#gateway.read((statements) => walk(statements, this.#names, this.#sought, stretch));
    const { clauses } = this.#sought.query;
    const { keys, next } = await this.#gateway.read(async (statements) => {
      const { words } = statements.dialect;
      const some = await words.candidates(statements, this.#names.messageWords, { ...stretch, clauses });
      return { ...some, keys: await notRuledOut(statements, this.#names, this.#sought, some.keys) };
    });
    const others = way.unread.filter(
      (key) =>
        (before === null || compareOctets(key, before) < 0) && compareOctets(key, next ?? this.#lowest) >= 0,
    );
    return { keys: others.length === 0 ? keys : newestFirst([...keys, ...others]), next };
  }
}

/** Each once. */
function newestFirst(keys: readonly Uint8Array[]): readonly Uint8Array[] {
  const sorted = keys.toSorted((one, other) => compareOctets(other, one));
  return sorted.filter((key, at) => at === 0 || compareOctets(key, sorted[at - 1] ?? key) !== 0);
}
