import type { Piece } from "./pattern.ts";
import { ageBound, printTerm } from "./print.ts";
import {
  type AgeTerm,
  type DateTerm,
  isOperation,
  type OctetsTerm,
  type Query,
  type Term,
  type TextTerm,
} from "./query.ts";

/** The query in plain English: a line for each part, indented by two spaces for each level. */
export function describeQuery(query: Query): readonly string[] {
  if (query.kind === "not") {
    const [first = "", ...rest] = describeQuery(query.operand);
    return [`not: ${first}`, ...rest];
  }
  if (!isOperation(query)) return [describeTerm(query)];
  const parts = query.operands.flatMap((operand) => describeQuery(operand).map((line) => `  ${line}`));
  return [query.kind === "and" ? "all of these:" : "one of these:", ...parts];
}

function describeTerm(term: Term): string {
  if (term.kind === "octets")
    return `its octets, as LIST gives them, are ${rangeWords(term, (value) => value.toLocaleString("en"))}`;
  if (term.kind === "date") return `its Date is ${rangeWords(term, dateWords, "not before", "not after")}`;
  if (term.kind === "age") return ageWords(term);
  if (term.kind === "present") return `it has the field ${fieldName(term.field)}`;
  return textWords(term);
}

const AGE_WORDS = {
  ">": (age: string) => `it is older than ${age}`,
  ">=": (age: string) => `it is at least ${age} old`,
  "<": (age: string) => `it is younger than ${age}`,
  "<=": (age: string) => `it is at most ${age} old`,
};

function ageWords(term: AgeTerm): string {
  const { operator, minutes } = ageBound(term);
  const [count, unit] =
    minutes % (24 * 60) === 0
      ? [minutes / (24 * 60), "day"]
      : minutes % 60 === 0
        ? [minutes / 60, "hour"]
        : [minutes, "minute"];
  return AGE_WORDS[operator](`${count.toLocaleString("en")} ${unit}${count === 1 ? "" : "s"}`);
}

function textWords(term: TextTerm): string {
  const { field, pattern } = term;
  const name = fieldName(field);
  const value = printTerm(term).slice(printTerm(term).indexOf(":") + 1);
  if (pattern.kind === "regex") return `${name} matches ${value}, upper and lower case alike`;
  const { pieces } = pattern;
  const isAddress = pieces.some((piece) => typeof piece === "string" && piece.includes("@"));
  if (pieces.every((piece) => typeof piece === "string"))
    return isAddress
      ? `${name} has the address ${literal(pieces)}`
      : `${name} has ${wordCount(pieces)} ${literal(pieces)}`;
  return `${name} has ${isAddress ? "an address" : "a word"} like ${value}`;
}

function wordCount(pieces: readonly Piece[]): string {
  return literal(pieces).includes(" ") ? "the words" : "the word";
}

function literal(pieces: readonly Piece[]): string {
  return `"${pieces.filter((piece) => typeof piece === "string").join("")}"`;
}

function rangeWords(
  { min, max }: OctetsTerm | DateTerm,
  words: (value: number) => string,
  least = "at least",
  most = "at most",
): string {
  if (min !== null && min === max) return words(min);
  const ends = [min === null ? [] : `${least} ${words(min)}`, max === null ? [] : `${most} ${words(max)}`];
  return ends.flat().join(" and ");
}

function dateWords(ms: number): string {
  return `${new Date(ms)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, "")} UTC`;
}

/** Writes a field's name with capitals: `List-Id` for `list-id`. */
function fieldName(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}
