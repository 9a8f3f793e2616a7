import type { Piece, TextPattern } from "./pattern.ts";
import { type DateTerm, isOperation, type OctetsTerm, type Query, type Term } from "./query.ts";

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
