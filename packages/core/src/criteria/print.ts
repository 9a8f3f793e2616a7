import type { Piece, TextPattern } from "./pattern.ts";
import { type AgeTerm, type DateTerm, isOperation, type OctetsTerm, type Query, type Term } from "./query.ts";

/** Fields that are written without `header.`, besides all fields that have a hyphen in their names. */
export const PLAIN_FIELDS: readonly string[] = ["subject", "from", "to", "cc"];

/** Writes a query in the query language; `parseQuery` gives the same query again. */
export function printQuery(query: Query): string {
  if (query.kind === "not")
    return isOperation(query.operand)
      ? `NOT (${printQuery(query.operand)})`
      : `NOT ${printQuery(query.operand)}`;
  if (!isOperation(query)) return printTerm(query);
  const { kind, operands } = query;
  return operands
    .map((operand) => (isOperation(operand) ? `(${printQuery(operand)})` : printQuery(operand)))
    .join(kind === "and" ? " AND " : " OR ");
}

export function printTerm(term: Term): string {
  if (term.kind === "octets") return `octets:${printRange(term, String)}`;
  if (term.kind === "date") return `date:${printRange(term, (ms) => new Date(ms).toISOString())}`;
  if (term.kind === "age") {
    const { operator, minutes } = ageBound(term);
    return `age:${operator}${printAge(minutes)}`;
  }
  return `${printField(term.field)}:${term.kind === "present" ? "*" : printPattern(term.pattern)}`;
}

function printField(name: string): string {
  return PLAIN_FIELDS.includes(name) || name.includes("-") ? name : `header.${name}`;
}

function printRange({ min, max }: OctetsTerm | DateTerm, print: (value: number) => string): string {
  if (min === null) return `<=${print(max ?? 0)}`;
  if (max === null) return `>=${print(min)}`;
  return `${print(min)}..${print(max)}`;
}

/** How an age is compared, and with how many minutes. */
export function ageBound({ min, max }: AgeTerm): {
  readonly operator: ">" | ">=" | "<" | "<=";
  readonly minutes: number;
} {
  // A bound is a whole number of minutes, or a millisecond beside it where the number itself is not meant.
  const bound = min ?? max ?? 0;
  const minutes = Math.round(bound / 60_000);
  const isExact = bound === minutes * 60_000;
  return { operator: min === null ? (isExact ? "<=" : "<") : isExact ? ">=" : ">", minutes };
}

function printAge(minutes: number): string {
  if (minutes % (24 * 60) === 0) return `${minutes / (24 * 60)}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}

function printPattern(pattern: TextPattern): string {
  if (pattern.kind === "regex")
    return `/${pattern.source.replace(/\\.|\//gs, (x) => (x === "/" ? "\\/" : x))}/`;
  const { pieces } = pattern;
  const [only] = pieces;
  if (pieces.length === 1 && typeof only === "string" && !/^[\p{L}\p{N}@][\p{L}\p{N}@._+-]*$/u.test(only))
    return `"${only.replace(/["\\]/g, "\\$&")}"`;
  return pieces.map(printPiece).join("");
}

function printPiece(piece: Piece): string {
  return typeof piece === "string" ? piece.replace(/[^\p{L}\p{M}\p{N}@._+-]/gu, "\\$&") : piece.wildcard;
}
