import type { TextPattern } from "./pattern.ts";

/** A query as a tree. */
export type Query = Operation | Negation | Term;

export interface Operation {
  readonly kind: "and" | "or";
  /** At least one. */
  readonly operands: readonly Query[];
}

export interface Negation {
  readonly kind: "not";
  readonly operand: Query;
}

/** A condition on a message without operators. */
export type Term = TextTerm | PresenceTerm | OctetsTerm | DateTerm;

/** The pattern is found in at least one field of this name (in lower case). */
export interface TextTerm {
  readonly kind: "text";
  readonly field: string;
  readonly pattern: TextPattern;
}

/** There is a field of this name (in lower case). */
export interface PresenceTerm {
  readonly kind: "present";
  readonly field: string;
}

/** The listed octets are in this range, both ends included; null: no bound. */
export interface OctetsTerm {
  readonly kind: "octets";
  readonly min: number | null;
  readonly max: number | null;
}

/** At least one of the dates of the message (`HeaderTexts.dates`) is in this range, in milliseconds since 1970 UTC, both ends included; null: no bound. */
export interface DateTerm {
  readonly kind: "date";
  readonly min: number | null;
  readonly max: number | null;
}

export function isOperation(query: Query): query is Operation {
  return query.kind === "and" || query.kind === "or";
}
