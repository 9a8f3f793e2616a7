import { createHash } from "node:crypto";
import type { Criteria } from "./criteria.ts";
import { describeQuery } from "./describe.ts";
import { Evaluator, type HeaderAndOctets, type TermFinding, type Time } from "./evaluate.ts";
import { normalised } from "./normalise.ts";
import { parseQuery } from "./parse.ts";
import { printQuery } from "./print.ts";
import type { Query } from "./query.ts";

/** Must be raised whenever an old query gets another meaning: then every skipped message is decided again. */
const VERSION = 2;

/** Why criteria accept or reject a message. */
export interface Explanation {
  readonly accepted: boolean;
  /** From when on it is accepted, if only its age is still against it; null if it is accepted now, or never. */
  readonly waitsUntil: Date | null;
  /** The terms that decided about the message, in the order of the query. */
  readonly findings: readonly TermFinding[];
}

/** Criteria in the query language (docs/criteria.md). */
export class QueryCriteria implements Criteria {
  /** The query as it was written. */
  readonly query: string;
  /** The query in a normal form, which is equal for queries that differ only in how they are written. */
  readonly canonical: string;
  /** SHA-256 of `canonical` and of the language's version. */
  readonly digest: Uint8Array;
  /** As {@link Criteria} says. Absent where the query looks at no age: then the time changes nothing. */
  readonly decide?: NonNullable<Criteria["decide"]>;
  readonly #query: Query;
  readonly #evaluator: Evaluator;

  /** @throws CriteriaSyntaxError if `query` cannot be read */
  constructor(query: string) {
    this.query = query;
    this.#query = parseQuery(query);
    this.#evaluator = new Evaluator(this.#query);
    const evaluator = this.#evaluator;
    if (evaluator.looksAtAge) this.decide = (message, time) => evaluator.decide(message, time);
    this.canonical = printQuery(normalised(this.#query));
    this.digest = createHash("sha256").update(`mailonce criteria ${VERSION}\n${this.canonical}`).digest();
  }

  /** Whether the message is wanted; by its age now, as if it had been first seen now, if no time is given. */
  accepts(message: HeaderAndOctets, time: Time = present()): boolean {
    return this.#evaluator.holds(message, time);
  }

  byOctets(octets: number): boolean | null {
    return this.#evaluator.byOctets(octets);
  }

  /** Tells whether the message is accepted, and which terms decided that. The time is that of {@link accepts}. */
  explain(message: HeaderAndOctets, time: Time = present()): Explanation {
    const { holds, findings } = this.#evaluator.explain(message, time);
    const decided = this.#evaluator.decide(message, time);
    return { accepted: holds, waitsUntil: typeof decided === "boolean" ? null : decided, findings };
  }

  /** The query in plain English: a line for each part, indented by two spaces for each level. */
  describe(): readonly string[] {
    return describeQuery(this.#query);
  }
}

function present(): Time {
  const now = new Date();
  return { now, firstSeen: now };
}

/**
 * Reads a query, for example `subject:invoice* AND NOT from:*@example.org`; docs/criteria.md describes the language.
 * @throws CriteriaSyntaxError if `query` cannot be read
 */
export function compileCriteria(query: string): QueryCriteria {
  return new QueryCriteria(query);
}
