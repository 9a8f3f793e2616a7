import { compileCriteria } from "@mailonce/core";
import { describe, expect, test } from "vitest";
import { FieldNames } from "../../src/criteria/field-names.ts";
import { HeaderTexts } from "../../src/criteria/header-texts.ts";
import { parseQuery } from "../../src/criteria/parse.ts";
import { isLiteral, programSize, searchable } from "../../src/criteria/pattern.ts";

const MEGABYTE = 1024 * 1024;

/** A header block of 1 MB; `field` makes its n-th field. */
function megabyte(field: (n: number) => string): Uint8Array {
  const parts: string[] = [];
  for (let n = 0, length = 0; length < MEGABYTE; n++) {
    const part = field(n);
    parts.push(part);
    length += part.length;
  }
  return Buffer.from(`${parts.join("")}\r\n`, "latin1");
}

/** How many texts of the subject are searched, and how long they are together. */
function seen(block: Uint8Array): { readonly texts: number; readonly length: number } {
  const texts = new HeaderTexts(block, new FieldNames(new Set(["subject"]))).texts("subject");
  return { texts: texts.length, length: texts.reduce((sum, text) => sum + text.length, 0) };
}

describe("of a header as long as it likes, so much is looked at", () => {
  test.each([
    [
      "one subject of folded encoded words",
      (n: number) => `${n === 0 ? "Subject:" : ""} =?utf-8?q?=41=42?=\r\n`,
    ],
    ["one subject of folded lines", (n: number) => `${n === 0 ? "Subject:" : ""} word\r\n`],
    [
      "one subject of encoded words that never end",
      (n: number) => `${n === 0 ? "Subject:" : ""} =?utf-8?q?\r\n`,
    ],
    ["one subject without a line end", (n: number) => (n === 0 ? "Subject: " : "x")],
    ["subjects of one letter", () => "Subject:x\r\n"],
    ["subjects of nothing", () => "subject:\n"],
    ["subjects of 1 kB", () => `Subject: ${"x".repeat(1000)}\r\n`],
    ["other fields", (n: number) => `X-${n}: a\r\n`],
    ["lines that are no fields", () => "nonsense\r\n"],
  ])("%s", (_, field) => {
    const { texts, length } = seen(megabyte(field));
    expect(texts).toBeLessThanOrEqual(512);
    expect(length).toBeLessThanOrEqual(32 * 1024);
  });

  test("what comes first counts, and other fields have room of their own", () => {
    const block = Buffer.concat([
      Buffer.from("Subject: first\r\n"),
      Buffer.from(`Subject: ${"x ".repeat(50_000)}\r\n`),
      Buffer.from("From: joe@example.org\r\n\r\n"),
    ]);
    expect(compileCriteria("subject:first AND from:joe@example.org").accepts({ block, octets: 1 })).toBe(
      true,
    );
  });

  test("marks without end are composed in bounded runs", () => {
    const marks = searchable(`a${"\u0316\u0301".repeat(16_000)}b`);
    expect(marks.length).toBeLessThanOrEqual(32);
    expect(marks.endsWith("b")).toBe(true);
  });
});

describe("of a query as hostile as it likes, the programs are bounded", () => {
  // RE2 takes at most one step for each instruction and character, so bounding both bounds the time.
  test.each([
    "subject:/(a*)*b/",
    "subject:/(a|aa)+$/",
    "subject:/(?:a?){200}a{200}/",
    "subject:/(.*a){100}z/",
    "subject:/(a|b)*a(a|b){500}c/",
    "subject:/((x{10}){10}){5}/",
    `subject:${"*a".repeat(200)}*b`,
    `subject:a${"?".repeat(1000)}`,
    `subject:(${Array(150).fill("a?b").join(" OR ")})`,
  ])("%s", (query) => {
    const sizes = [...termsOf(query)];
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(2000);
  });

  test.each([
    ["parentheses", "(".repeat(90_000)],
    ["closing ones", ")".repeat(90_000)],
    ["minus signs", "-".repeat(90_000)],
    ["negations", "NOT ".repeat(20_000)],
    ["spaces", `${" ".repeat(50_000)}subject:a${" ".repeat(50_000 - 9)}`],
    ["letters", "a".repeat(90_000)],
    ["stars", `subject:a${"*".repeat(90_000)}b`],
    ["backslashes", `subject:${"\\".repeat(1000)}`],
    ["marks", `subject:a${"\u0301".repeat(90_000)}`],
    ["an open phrase", `subject:"${"a".repeat(90_000)}`],
    ["an open regular expression", `subject:/${"(".repeat(90_000)}`],
    ["a closed one", `subject:/${"(".repeat(40_000)}${")".repeat(40_000)}/`],
    ["digits", `octets:${"9".repeat(90_000)}`],
    ["dots", `date:${".".repeat(90_000)}`],
  ])("%s are read or refused", (_, query) => {
    const before = process.cpuUsage();
    try {
      compileCriteria(query);
    } catch (error) {
      expect(error).toMatchObject({ code: "criteria-syntax" });
    }
    const { user } = process.cpuUsage(before);
    // This only guards against quadratic time, which would be minutes here.
    expect(user).toBeLessThan(5_000_000);
  });
});

/** The number of RE2 instructions of each pattern in the query that is no literal text. */
function* termsOf(query: string): Generator<number> {
  const open = [parseQuery(query)];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (one.kind === "and" || one.kind === "or") open.push(...one.operands);
    else if (one.kind === "not") open.push(one.operand);
    else if (one.kind === "text" && !isLiteral(one.pattern)) yield programSize(one.pattern);
  }
}
