import { printQuery } from "./print.ts";
import { isOperation, type Query, type Term } from "./query.ts";

/**
 * Gives the normal form of a query, which is equal for queries that differ only in how they are written. Nested ANDs and
 * ORs are flat, their operands sorted and without duplicates; double negations are gone; words are in lower case.
 */
export function normalised(query: Query): Query {
  if (query.kind === "not") {
    const operand = normalised(query.operand);
    return operand.kind === "not" ? operand.operand : { kind: "not", operand };
  }
  if (!isOperation(query)) return normalisedTerm(query);
  const { kind } = query;
  const operands = new Map<string, Query>();
  for (const one of query.operands.map(normalised))
    for (const operand of one.kind === kind ? one.operands : [one])
      operands.set(printQuery(operand), operand);
  const sorted = [...operands].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, operand]) => operand);
  const [first] = sorted;
  return sorted.length === 1 && first !== undefined ? first : { kind, operands: sorted };
}

function normalisedTerm(term: Term): Term {
  if (term.kind !== "text" || term.pattern.kind === "regex") return term;
  const pieces = term.pattern.pieces.map((piece) =>
    typeof piece === "string" ? piece.replace(/\p{Lu}/gu, lowerCase) : piece,
  );
  return { ...term, pattern: { kind: "words", pieces } };
}

/** The lower case of a letter, if a pattern that ignores case takes both for the same (that of İ is two letters). */
function lowerCase(letter: string): string {
  const lower = letter.toLowerCase();
  return new RegExp(`^${lower}$`, "iu").test(letter) ? lower : letter;
}
