import type { StoredMessage } from "@mailonce/core";
import { compileSearch, type Snippet, StoredQuery } from "@mailonce/core/search";
import { ArgumentError } from "../arguments/argument-error.ts";
import { expectLimit, expectObject, expectText } from "../arguments/expect-arguments.ts";
import type { Gateway } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { bestMessages } from "./best-messages.ts";
import { readBestCursor, readCursor, writeBestCursor, writeCursor } from "./cursor.ts";
import { newestMessages } from "./newest-messages.ts";
import type { FoundMessage } from "./searched-messages.ts";
import type { Sought } from "./sought.ts";

/** What is searched for, and which part of what is found is wanted. */
export interface SearchRequest {
  /** A query of the language of docs/criteria.md, as a text or compiled (`compileSearch`). */
  readonly query: string | StoredQuery;
  /** At most so many messages; 50 if absent. */
  readonly limit?: number;
  /** Only the messages of this maildrop. */
  readonly maildrop?: string;
  /**
   * `newest`: those stored last come first; so it is if absent. `best`: those in which the words stand most often, and in the
   * most telling places, of the newest 1000 that are found.
   */
  readonly order?: "newest" | "best";
  /** Where another search with the same query and order left off: its {@link SearchPage.next}. */
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
  readonly messages: readonly SearchHit[];
  /**
   * Where to go on; null if everything was looked at. A page may have fewer messages than its limit, even none, and
   * still have a next one: one search looks at a bounded number of messages.
   */
  readonly next: string | null;
}

const LIMIT = 50;
const MOST_AT_ONCE = 1000;

/** Searches the stored messages: see {@link TypeormStore.search}. */
export async function searchMessages(
  gateway: Gateway,
  names: TableNames,
  request: SearchRequest,
  unread: Sought["unread"],
): Promise<SearchPage> {
  expectObject("search", request);
  const query = queryOf(request);
  const { limit = LIMIT } = request;
  expectLimit("search.limit", limit);
  if (request.cursor !== undefined) expectText("search.cursor", request.cursor);
  if (request.maildrop !== undefined) expectText("search.maildrop", request.maildrop);
  const most = Math.min(limit, MOST_AT_ONCE);
  const { order = "newest", cursor } = request;
  if (order !== "newest" && order !== "best")
    throw new ArgumentError("search.order", "newest or best", String(order));
  const sought = { query, maildrop: request.maildrop ?? null, unread };
  const hitOf = ({ message, text }: FoundMessage): SearchHit => ({
    message,
    snippet: text === null ? null : query.snippet(text),
  });
  if (order === "best") {
    const from = cursor === undefined ? null : readBestCursor(cursor);
    const { found, next } = await bestMessages(gateway, names, sought, most, from);
    return { messages: found.map(hitOf), next: next === null ? null : writeBestCursor(next) };
  }
  const from = cursor === undefined ? null : readCursor(cursor);
  const { found, next } = await newestMessages(gateway, names, sought, { limit: most, before: from }, hitOf);
  return { messages: found, next: next === null ? null : writeCursor(next) };
}

function queryOf({ query }: SearchRequest): StoredQuery {
  if (query instanceof StoredQuery) return query;
  expectText("search.query", query);
  return compileSearch(query);
}
