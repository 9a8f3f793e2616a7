import { MailonceError } from "@mailonce/core";
import type { Clause } from "@mailonce/core/search";
import type { Row, Value } from "../values/row.ts";
import type { Inserter, Target } from "./inserter.ts";

/** What an index uses of `Statements`. */
export interface IndexStatements {
  rows(sql: string, values: readonly Value[]): Promise<readonly Row[]>;
  run(sql: string, values: readonly Value[]): Promise<number>;
  inserter(target: Target): Inserter;
}

/** The tokens of one message, by its key. */
export interface KeyedTokens {
  readonly key: Uint8Array;
  readonly tokens: readonly string[];
}

/** Which messages are looked for by their tokens. */
export interface CandidateRequest {
  /** At least one. A message is a candidate if it has a token of each, or the token of those that had too many. */
  readonly clauses: readonly Clause[];
  /** Only those before this one; null: from the newest on. */
  readonly before: Uint8Array | null;
  /** No older ones than this. */
  readonly lowest: Uint8Array;
  /** So many are wanted; there may be some more. */
  readonly limit: number;
}

/** Some candidates. */
export interface Candidates {
  /** Newest first. */
  readonly keys: readonly Uint8Array[];
  /** From where to go on, as {@link CandidateRequest.before}; null: there are no more. */
  readonly next: Uint8Array | null;
}

/**
 * The index of words that a kind of database has. Its rows belong to a table of the name `messageWords`: one for each message
 * whose words are known, with the version of the rules by which they were cut, and gone with its message.
 */
export interface WordIndex {
  /** True: it is not there, and whatever it is asked fails. */
  readonly isMissing: boolean;
  /** The table without which nothing is found: an older version may have made none, or others. */
  newestTable(table: string): string;
  /** Writes the tokens of messages that have none in the table. They come sorted by key. */
  insert(
    statements: IndexStatements,
    table: string,
    version: number,
    rows: readonly KeyedTokens[],
  ): Promise<void>;
  /**
   * Puts in order what was inserted lately, in a transaction of its own: a part of it, in a bounded time.
   * @returns whether there was something to do
   */
  settle(statements: IndexStatements, table: string): Promise<boolean>;
  /** Takes a bounded time, whatever is looked for: there may be fewer candidates than the limit, and more behind them. */
  candidates(statements: IndexStatements, table: string, request: CandidateRequest): Promise<Candidates>;
}

/** In the place of an index that is not there. */
export function missingIndex(place: string): WordIndex {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new MailonceError(
        "store-outdated",
        `The tables of ${place} are those of an older version, which cannot be searched by what is in messages: run 'mailonce database migrate', and then 'mailonce index'.`,
      ),
    );
  return {
    isMissing: true,
    newestTable: (table) => table,
    insert: refuse,
    settle: refuse,
    candidates: refuse,
  };
}
