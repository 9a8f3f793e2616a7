import { createHash } from "node:crypto";
import type { Criteria } from "./criteria.ts";
import { describeQuery } from "./describe.ts";
import { Evaluator, type HeaderAndOctets, type TermFinding } from "./evaluate.ts";
import { normalised } from "./normalise.ts";
import { parseQuery } from "./parse.ts";
import { printQuery } from "./print.ts";
import type { Query } from "./query.ts";

/** Changes whenever an old query begins to mean something else: then every skipped message is asked again. */
const VERSION = 2;

/** Why criteria want a message, or do not. */
export interface Explanation {
  readonly accepted: boolean;
  /** The terms that decided it, in the order of the query. */
  readonly findings: readonly TermFinding[];
}

/** Criteria that were written as a query. */
export class QueryCriteria implements Criteria {
  /** The query as it was written. */
  readonly query: string;
  /** The same in the form whose digest is kept: equal for queries that differ only in how they are written. */
  readonly canonical: string;
  readonly digest: Uint8Array;
  readonly #query: Query;
  readonly #evaluator: Evaluator;

  /** @throws CriteriaSyntaxError */
  constructor(query: string) {
    this.query = query;
    this.#query = parseQuery(query);
    this.#evaluator = new Evaluator(this.#query);
    this.canonical = printQuery(normalised(this.#query));
    this.digest = createHash("sha256").update(`mailonce criteria ${VERSION}\n${this.canonical}`).digest();
  }

  accepts(message: HeaderAndOctets): boolean {
    return this.#evaluator.holds(message);
  }

  byOctets(octets: number): boolean | null {
    return this.#evaluator.byOctets(octets);
  }

  /** Why the message is wanted or not. */
  explain(message: HeaderAndOctets): Explanation {
    const { holds, findings } = this.#evaluator.explain(message);
    return { accepted: holds, findings };
  }

  /** The query in words for people, a line for each part, indented by two spaces for each level. */
  describe(): readonly string[] {
    return describeQuery(this.#query);
  }
}

/**
 * Reads a query, for example `subject:invoice* AND NOT from:*@example.org`; the language stands in docs/criteria.md.
 * @throws CriteriaSyntaxError
 */
export function compileCriteria(query: string): QueryCriteria {
  return new QueryCriteria(query);
}
