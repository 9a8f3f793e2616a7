import type { TextPattern } from "./pattern.ts";

/** A query as a tree of terms. */
export type Query<T extends AnyTerm = Term> = Operation<T> | Negation<T> | T;

export interface Operation<T extends AnyTerm = Term> {
  readonly kind: "and" | "or";
  /** At least one. */
  readonly operands: readonly Query<T>[];
}

export interface Negation<T extends AnyTerm = Term> {
  readonly kind: "not";
  readonly operand: Query<T>;
}

/** A condition on a message without operators, that its header and octets decide. */
export type Term = TextTerm | PresenceTerm | OctetsTerm | DateTerm | AgeTerm;

/** A condition that only stored mail can be asked for: what is known of a message beyond its header. */
export type StoredTerm = WordsTerm | FileNameTerm | MaildropTerm | StoredAtTerm | AttachmentTerm;

export type AnyTerm = Term | StoredTerm;

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

/** The message's age is in this range, in milliseconds, both ends included; null: no bound. */
export interface AgeTerm {
  readonly kind: "age";
  readonly min: number | null;
  readonly max: number | null;
}

/** These words stand in the message: in its subject, addresses, file names or text, or in its text alone. */
export interface WordsTerm {
  readonly kind: "words";
  readonly place: "anywhere" | "text";
  readonly pattern: TextPattern;
}

/** A part of the message has such a file name. */
export interface FileNameTerm {
  readonly kind: "fileName";
  readonly pattern: TextPattern;
}

/** It was fetched from a maildrop of such a name. */
export interface MaildropTerm {
  readonly kind: "maildrop";
  readonly pattern: TextPattern;
}

/** It was stored in this time, in milliseconds since 1970 UTC, both ends included; null: no bound. */
export interface StoredAtTerm {
  readonly kind: "stored";
  readonly min: number | null;
  readonly max: number | null;
}

/** It holds a file. */
export interface AttachmentTerm {
  readonly kind: "attachment";
}

export function isOperation<T extends AnyTerm>(query: Query<T>): query is Operation<T> {
  return query.kind === "and" || query.kind === "or";
}

export function isNegation<T extends AnyTerm>(query: Query<T>): query is Negation<T> {
  return query.kind === "not";
}
