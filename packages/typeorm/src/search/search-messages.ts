import type { StoredMessage } from "@mailonce/core";
import { compileSearch, type Snippet, StoredQuery } from "@mailonce/core/search";
import { expectLimit, expectObject, expectText } from "../arguments/expect-arguments.ts";
import type { Gateway } from "../database/gateway.ts";
import type { Candidates } from "../database/word-index.ts";
import type { TableNames } from "../schema/table-names.ts";
import { lowestUuidAt, uuidToOctets } from "../values/uuid-octets.ts";
import { readCursor, type Way, writeCursor } from "./cursor.ts";
import { searchStatus } from "./search-status.ts";
import { foundAmong } from "./searched-messages.ts";
import type { Sought } from "./sought.ts";
import { walk } from "./walk.ts";

/** What is searched for, and which part of what is found is wanted. */
export interface SearchRequest {
  /** A query of the language of docs/criteria.md, as a text or compiled (`compileSearch`). */
  readonly query: string | StoredQuery;
  /** At most so many messages; 50 if absent. */
  readonly limit?: number;
  /** Only the messages of this maildrop. */
  readonly maildrop?: string;
  /** Where another search with the same query left off: its {@link SearchPage.next}. */
  readonly cursor?: string;
}

/** A message that was found. */
export interface SearchHit {
  readonly message: StoredMessage;
  /** Its text around what was searched for; its beginning where that stands elsewhere; null if there is nothing to read. */
  readonly snippet: Snippet | null;
}

/** Some of the messages that were found. */
export interface SearchPage {
  /** Those stored last come first. */
  readonly messages: readonly SearchHit[];
  /**
   * Where to go on; null if everything was looked at. A page may have fewer messages than its limit, even none, and
   * still have a next one: one search looks at a bounded number of messages.
   */
  readonly next: string | null;
}

const LIMIT = 50;
const MOST_AT_ONCE = 1000;
/** Candidates of one search, and how many of them are read before it is left off. */
const MOST_CANDIDATES = 20_000;
const MOST_READ = 2000;
/** Statements that look for candidates. */
const MOST_STEPS = 20;
/** Candidates that are asked for at once, and read at once: the texts of these are in memory. */
const STEP = 200;
const GROUP = 25;
/** The id of a message may have been made so long before it was stored. */
const ID_AGE_MS = 24 * 3_600_000;

/** Searches the stored messages: see {@link TypeormStore.search}. */
export async function searchMessages(
  gateway: Gateway,
  names: TableNames,
  request: SearchRequest,
): Promise<SearchPage> {
  expectObject("search", request);
  const query = queryOf(request);
  const { limit = LIMIT } = request;
  expectLimit("search.limit", limit);
  if (request.cursor !== undefined) expectText("search.cursor", request.cursor);
  if (request.maildrop !== undefined) expectText("search.maildrop", request.maildrop);
  const cursor = request.cursor === undefined ? null : readCursor(request.cursor);
  const way = cursor?.way ?? (await chosenWay(gateway, names, query));
  const search = new Search(gateway, names, { query, maildrop: request.maildrop ?? null }, way);
  return search.page(Math.min(limit, MOST_AT_ONCE), cursor?.before ?? null);
}

function queryOf({ query }: SearchRequest): StoredQuery {
  if (query instanceof StoredQuery) return query;
  expectText("search.query", query);
  return compileSearch(query);
}

/**
 * By words, where the query needs some. But what headers say is to be found in messages, too, that nobody has read yet: as long
 * as there are any, such queries look at all messages.
 */
async function chosenWay(gateway: Gateway, names: TableNames, query: StoredQuery): Promise<Way> {
  if (query.clauses.length === 0) return "walk";
  if (query.needsContent) return "words";
  const { messages, indexed } = await searchStatus(gateway, names);
  return indexed < messages ? "walk" : "words";
}

class Search {
  readonly #gateway: Gateway;
  readonly #names: TableNames;
  readonly #sought: Sought;
  readonly #way: Way;
  readonly #lowest: Uint8Array;

  constructor(gateway: Gateway, names: TableNames, sought: Sought, way: Way) {
    this.#gateway = gateway;
    this.#names = names;
    this.#sought = sought;
    this.#way = way;
    this.#lowest = lowestUuidAt(new Date(Math.max(0, (sought.query.stored.min ?? 0) - ID_AGE_MS)));
  }

  async page(limit: number, after: Uint8Array | null): Promise<SearchPage> {
    const messages: SearchHit[] = [];
    let before = after;
    let candidates = 0;
    let read = 0;
    for (let step = 0; step < MOST_STEPS && candidates < MOST_CANDIDATES; step++) {
      const { keys, next } = await this.#candidates(before);
      for (let from = 0; from < keys.length; from += GROUP) {
        if (read >= MOST_READ) return { messages, next: this.#cursor(before) };
        const group = keys.slice(from, from + GROUP);
        const looked = await foundAmong(this.#gateway, this.#names, this.#sought, group);
        candidates += group.length;
        read += looked.read;
        for (const { message, text } of looked.found) {
          messages.push({ message, snippet: text === null ? null : this.#sought.query.snippet(text) });
          if (messages.length === limit) return { messages, next: this.#cursor(uuidToOctets(message.id)) };
        }
        before = group.at(-1) ?? before;
      }
      if (next === null) return { messages, next: null };
      before = next;
    }
    return { messages, next: this.#cursor(before) };
  }

  #cursor(before: Uint8Array | null): string | null {
    return before === null ? null : writeCursor({ way: this.#way, before });
  }

  #candidates(before: Uint8Array | null): Promise<Candidates> {
    const stretch = { before, lowest: this.#lowest, limit: STEP };
    return this.#gateway.read((statements) =>
      this.#way === "walk"
        ? walk(statements, this.#names, this.#sought, stretch)
        : statements.dialect.words.candidates(statements, this.#names.messageWords, {
            ...stretch,
            clauses: this.#sought.query.clauses,
          }),
    );
  }
}
