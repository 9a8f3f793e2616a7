import { CriteriaSyntaxError, compileCriteria, headerFields, type QueryCriteria } from "@mailonce/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FieldNames } from "../../src/criteria/field-names.ts";
import { normalised } from "../../src/criteria/normalise.ts";
import { parseQuery } from "../../src/criteria/parse.ts";
import { type Piece, programOf, searchable, textMatcher } from "../../src/criteria/pattern.ts";
import { printQuery } from "../../src/criteria/print.ts";
import type { Query, Term } from "../../src/criteria/query.ts";
import { header } from "./header.ts";

const NAMES = ["subject", "from", "cc", "list-id", "sender"] as const;
/** Only a few letters, so that patterns often match; among them letters that are easily taken for others. */
const LETTERS = [
  "a",
  "b",
  "A",
  "é",
  "ß",
  "Σ",
  "ς",
  "Ö",
  "ö",
  "İ",
  "\u212a",
  "k",
  "書",
  "1",
  "@",
  ".",
  "-",
  "_",
  '"',
  "'",
  "\\",
  "/",
  "(",
  ")",
  "*",
  "?",
  ":",
  "<",
];

const word = fc
  .array(fc.constantFrom(...LETTERS), { minLength: 1, maxLength: 4 })
  .map((letters) => letters.join(""));
const text = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(" "));
const pieces: fc.Arbitrary<readonly Piece[]> = fc
  .array(fc.oneof(word, fc.constantFrom<Piece>({ wildcard: "*" }, { wildcard: "?" })), {
    minLength: 1,
    maxLength: 4,
  })
  .map(joined)
  .filter((all) => all.some((piece) => typeof piece === "string"));
const bound = fc.option(fc.integer({ min: 0, max: 3000 }), { nil: null });
const range = fc
  .tuple(bound, bound)
  .filter(([min, max]) => (min !== null || max !== null) && (min ?? 0) <= (max ?? 3000))
  .map(([min, max]) => ({ min, max }));
const field = fc.constantFrom(...NAMES);

const term: fc.Arbitrary<Term> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("text" as const),
      field,
      pattern: fc.record({ kind: fc.constant("words" as const), pieces }),
    }),
  },
  {
    weight: 2,
    arbitrary: text.map(
      (words): Term => ({ kind: "text", field: "subject", pattern: { kind: "words", pieces: [words] } }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("a+", "^[ab]*$", "(a|b)/", "\\pL{2}", "é", "\\.")
      .map((source): Term => ({ kind: "text", field: "subject", pattern: { kind: "regex", source } })),
  },
  { weight: 1, arbitrary: field.map((name): Term => ({ kind: "present", field: name })) },
  { weight: 2, arbitrary: range.map((ends): Term => ({ kind: "octets", ...ends })) },
  {
    weight: 1,
    arbitrary: range.map(({ min, max }): Term => ({ kind: "date", min: moment(min), max: moment(max) })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 1, max: 5000 }), fc.boolean(), fc.boolean())
      .map(([minutes, isLeast, isBeside]): Term => {
        const ms = minutes * 60_000;
        return isLeast
          ? { kind: "age", min: ms + Number(isBeside), max: null }
          : { kind: "age", min: null, max: ms - Number(isBeside) };
      }),
  },
);
const { query } = fc.letrec<{ query: Query }>((tie) => ({
  query: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    term,
    fc.record({ kind: fc.constant("not" as const), operand: tie("query") }),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      operands: fc.array(tie("query"), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

const message = fc
  .record({
    fields: fc.array(fc.tuple(field, fc.oneof(text, word)), { maxLength: 5 }),
    date: bound,
    octets: bound,
  })
  .map(({ fields, date, octets }) => ({
    block: header(
      ...fields.map(([name, value]) => `${name}: ${value}`),
      ...(date === null ? [] : [`Date: ${new Date(moment(date) ?? 0).toUTCString()}`]),
    ),
    octets,
  }));

describe("for every query and message", () => {
  test("what is printed means the same, and is read as it was", () => {
    fc.assert(
      fc.property(query, message, (made, seen) => {
        const written = printQuery(made);
        const criteria = compileCriteria(written);
        expect(printQuery(parseQuery(criteria.canonical))).toBe(criteria.canonical);
        const canonical = compileCriteria(criteria.canonical);
        expect(canonical.canonical).toBe(criteria.canonical);
        expect(Buffer.from(canonical.digest).equals(criteria.digest)).toBe(true);
        expect(canonical.accepts(seen)).toBe(criteria.accepts(seen));
        expect(printQuery(normalised(parseQuery(written)))).toBe(criteria.canonical);
      }),
      { numRuns: 500 },
    );
  });

  test("NOT, AND and OR are those of logic", () => {
    fc.assert(
      fc.property(query, query, message, (one, other, seen) => {
        const [a, b] = [printQuery(one), printQuery(other)];
        const asks = (text: string): boolean => compileCriteria(text).accepts(seen);
        const [isA, isB] = [asks(a), asks(b)];
        expect(asks(`NOT (${a})`)).toBe(!isA);
        expect(asks(`(${a}) AND (${b})`)).toBe(isA && isB);
        expect(asks(`(${a}) OR (${b})`)).toBe(isA || isB);
        expect(asks(`NOT ((${a}) AND (${b}))`)).toBe(asks(`NOT (${a}) OR NOT (${b})`));
        expect(asks(`NOT ((${a}) OR (${b}))`)).toBe(asks(`-(${a}) -(${b})`));
      }),
      { numRuns: 500 },
    );
  });

  test("what the octets decide is what the whole message decides", () => {
    fc.assert(
      fc.property(query, message, (made, seen) => {
        const criteria = compileCriteria(printQuery(made));
        const decided = seen.octets === null ? null : criteria.byOctets(seen.octets);
        if (decided !== null) expect(criteria.accepts(seen)).toBe(decided);
      }),
      { numRuns: 500 },
    );
  });

  test("an explanation says what became of the message, by terms of the query", () => {
    fc.assert(
      fc.property(query, message, (made, seen) => {
        const criteria = compileCriteria(printQuery(made));
        const { accepted, findings } = criteria.explain(seen);
        expect(accepted).toBe(criteria.accepts(seen));
        expect(findings.length).toBeGreaterThan(0);
        for (const { term, holds } of findings) expect(compileCriteria(term).accepts(seen)).toBe(holds);
      }),
      { numRuns: 300 },
    );
  });

  test("words are found where Unicode's word boundaries are", () => {
    const plain = fc
      .array(fc.constantFrom("a", "B", "é", "É", "1", "_", " ", ".", "-", "ß", "Σ", "σ", "\u0301"), {
        minLength: 1,
        maxLength: 12,
      })
      .map((letters) => letters.join(""));
    fc.assert(
      fc.property(plain, plain, (wanted, found) => {
        const words = searchable(wanted);
        fc.pre(/^[\p{L}\p{N}_]/u.test(words) && /[\p{L}\p{N}_]$/u.test(words));
        const escaped = words.replaceAll(".", "\\.");
        const oracle = new RegExp(`(?<![\\p{L}\\p{M}\\p{N}_])${escaped}(?![\\p{L}\\p{M}\\p{N}_])`, "iu");
        expect(
          compileCriteria(`subject:"${words}"`).accepts({ block: header(`Subject: ${found}`), octets: 1 }),
        ).toBe(oracle.test(searchable(found)));
      }),
      { numRuns: 1000 },
    );
  });
});

test("the short ways to search a text find what RE2 finds", () => {
  const signs = [
    "a",
    "B",
    "k",
    "S",
    "\u017f",
    "\u212a",
    "é",
    "1",
    "_",
    " ",
    ".",
    "-",
    "+",
    "@",
    "\u0301",
    "字",
  ];
  const plain = (maxLength: number): fc.Arbitrary<string> =>
    fc
      .array(fc.constantFrom(...signs), { minLength: 1, maxLength })
      .map((letters) => searchable(letters.join("")));
  const piece = fc.oneof(
    { weight: 4, arbitrary: plain(3).filter((text) => text !== "") },
    { weight: 1, arbitrary: fc.constantFrom({ wildcard: "*" as const }, { wildcard: "?" as const }) },
  );
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 3 }), plain(10), (pieces, text) => {
      const pattern = { kind: "words" as const, pieces };
      expect(textMatcher(pattern).test(text)).toBe(programOf(pattern).test(text));
    }),
    { numRuns: 1000 },
  );
});

test("the fields of some names are those that reading all fields finds", () => {
  const lines = fc.constantFrom(
    "Subject:",
    "subject",
    "FROM",
    "from:",
    "x-",
    ":",
    " ",
    "\t",
    "\n",
    "\r\n",
    "a",
    "Sub",
  );
  fc.assert(
    fc.property(fc.array(lines, { maxLength: 30 }), (parts) => {
      const block = Buffer.from(parts.join(""), "latin1");
      const names = ["subject", "from", "x-"];
      const all = [...headerFields(block)].filter(({ name }) => names.includes(name));
      const found = new FieldNames(new Set(names))
        .placesIn(block.toString("latin1"))
        .map(({ name, start, end }) => ({ name, value: block.subarray(start, end) }));
      expect(found).toEqual(all);
    }),
    { numRuns: 5000 },
  );
});

describe("for every text at all", () => {
  const tokens = fc
    .array(
      fc.constantFrom(
        "subject:",
        "octets:",
        "date:",
        "list-id:",
        "header.x:",
        "AND",
        "or",
        " NOT ",
        "-",
        "(",
        ")",
        " ",
        '"',
        "'",
        "/",
        "*",
        "?",
        "\\",
        "a",
        "é",
        "<",
        ">=",
        "5M",
        "2026-01",
        "..",
        "\ud800",
        "\u0000",
        "[",
        "{2}",
        "+",
        "|",
        "i",
      ),
      { maxLength: 12 },
    )
    .map((all) => all.join(""));

  test.each([
    ["whatever it is", fc.string({ unit: "binary", maxLength: 60 })],
    ["made of the language's own marks", tokens],
  ])("%s, it is read or refused at a place within it", (_, texts) => {
    fc.assert(
      fc.property(texts, fc.uint8Array({ maxLength: 200 }), (written, block) => {
        const criteria = compiled(written);
        if (criteria === null) return;
        expect(typeof criteria.accepts({ block, octets: 5 })).toBe("boolean");
        expect(compileCriteria(criteria.canonical).canonical).toBe(criteria.canonical);
        expect(criteria.describe().join("")).not.toBe("");
      }),
      { numRuns: 1500 },
    );
  });
});

function compiled(written: string): QueryCriteria | null {
  try {
    return compileCriteria(written);
  } catch (error) {
    if (!(error instanceof CriteriaSyntaxError)) throw error;
    expect(error.position).toBeGreaterThanOrEqual(0);
    expect(error.position).toBeLessThanOrEqual(written.length);
    return null;
  }
}

/** Joins neighbouring literal pieces, and neighbouring stars, as the parser does. */
function joined(all: readonly Piece[]): readonly Piece[] {
  const result: Piece[] = [];
  for (const piece of all) {
    const last = result.at(-1);
    if (typeof piece === "string" && typeof last === "string") result.splice(-1, 1, last + piece);
    else if (
      typeof piece !== "object" ||
      typeof last !== "object" ||
      piece.wildcard !== "*" ||
      last.wildcard !== "*"
    )
      result.push(piece);
  }
  return result;
}

/** The n-th second of 2026, in milliseconds; null for null. */
function moment(value: number | null): number | null {
  return value === null ? null : Date.UTC(2026, 0, 1) + 1000 * value;
}
