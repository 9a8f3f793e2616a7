import { CriteriaSyntaxError, compileCriteria } from "@mailonce/core";
import { describe, expect, test } from "vitest";

function syntaxError(query: string): CriteriaSyntaxError {
  try {
    compileCriteria(query);
  } catch (error) {
    if (error instanceof CriteriaSyntaxError) return error;
    throw error;
  }
  throw new Error(`it was accepted: ${query}`);
}

describe("a query that cannot be read", () => {
  test.each([
    ["", 0, /the query is empty/],
    ["  ", 2, /the query is empty/],
    ["invoice", 0, /begins with its field/],
    ["subject:your invoice", 13, /several words are quoted/],
    ['"your invoice"', 0, /begins with its field/],
    [
      "subjet:invoice",
      0,
      /"subjet" is none of the fields subject, from, to, cc, date, age and octets.*header\.subjet:/,
    ],
    ["size:<5M", 0, /octets:<5M/],
    ["body:hello", 0, /only headers/],
    ["sübject:a", 0, /header\.sender: or list-id:/],
    ["subject:", 8, /nothing follows subject:/],
    ["subject: a", 8, /right after the colon/],
    ["(subject:)", 9, /nothing follows/],
    [":a", 0, /begins with its field/],
    ["subject:a AND", 13, /missing at the end/],
    ["subject:a OR ", 13, /missing at the end/],
    ["NOT", 3, /missing at the end/],
    ["subject:a AND OR subject:b", 14, /missing before OR/],
    ["AND subject:a", 0, /missing before AND/],
    ["()", 1, /missing before this parenthesis/],
    ["subject:()", 9, /missing before this parenthesis/],
    ["(subject:a", 0, /not closed/],
    ["subject:(a OR b", 8, /not closed/],
    ["subject:a)", 9, /no opening parenthesis/],
    ["subject:a(b)", 9, /is quoted/],
    ['subject:a"b"', 9, /is quoted/],
    ['subject:"a"b', 11, /after a phrase/],
    ['subject:"a', 8, /no closing "/],
    ["subject:'a", 8, /no closing '/],
    ['subject:""', 8, /nothing to search for/],
    ['subject:"  "', 8, /nothing to search for/],
    ["subject:a\\", 9, /after \\/],
    ["subject:/a", 8, /no closing \//],
    ["subject://", 8, /is empty/],
    ["subject:/a/g", 8, /only i may stand/],
    ["subject:/a/b/", 8, /only i may stand/],
    ["subject:/[/]/", 11, /save for \\\//],
    ["subject:/(/", 8, /missing closing \): `\(` \(RE2 syntax/],
    ["subject:/(?=a)/", 8, /no look-around/],
    ["subject:/(a)\\1/", 8, /no back-references/],
    ["octets:", 7, /nothing follows/],
    ["octets:big", 7, /whole number/],
    ["octets:<5MB", 7, /k, M or G/],
    ["octets:1.5M", 7, /whole number/],
    ["octets:-5", 7, /whole number/],
    ["octets:*", 7, /whole number/],
    ["octets:<0", 7, /no message/],
    ["octets:5..1", 7, /smaller end comes first/],
    ["octets:<5..9", 7, /whole number/],
    ["octets:<99999999999999999999", 7, /whole number/],
    ["octets:<1 0", 10, /begins with its field/],
    ["age:30d", 4, />, >=, < or <=/],
    ["age:=30d", 4, />, >=, < or <=/],
    ["age:>1d..2d", 4, /whole number of minutes/],
    ["age:>1.5d", 4, /whole number of minutes/],
    ["age:>30", 4, /whole number of minutes/],
    ["age:>30s", 4, /whole number of minutes/],
    ["age:old", 4, /whole number of minutes/],
    ["age:", 4, /nothing follows/],
    ["age:<0d", 4, /no message is younger/],
    ["age:>1001y", 4, /at most 1000 years/],
    ["date:30d", 5, /age:>30d/],
    ["date:>=-7d", 5, /age:>30d/],
    ["date:today", 5, /age:>30d/],
    ["date:2026-02-30", 5, /no such date/],
    ["date:2026-13", 5, /no such date/],
    ["date:2026-01-01T25:00", 5, /no such date/],
    ["date:01.02.2026", 5, /year, month, day/],
    ["date:2026-03..2026-01", 5, /smaller end comes first/],
    ["date:>9999", 5, /no message/],
  ] as const)("%j: at %d", (query, position, sentence) => {
    const error = syntaxError(query);
    expect(error.message).toMatch(sentence);
    expect(error.message).not.toMatch(/\n/);
    expect({ position: error.position, query: error.query, code: error.code }).toEqual({
      position,
      query,
      code: "criteria-syntax",
    });
  });

  test.each([
    ["more than 100 levels of parentheses", `${"(".repeat(101)}subject:a${")".repeat(101)}`, /100 deep/],
    ["more than 100 negations", `${"NOT ".repeat(101)}subject:a`, /100 deep/],
    ["more than 2000 terms", Array(2001).fill("cc:a").join(" "), /2000 terms/],
    ["a text of more than 1000 characters", `subject:${"a".repeat(1001)}`, /at most 1000/],
    ["more than 100,000 characters", `subject:${"a".repeat(100_000)}`, /100000 characters/],
    ["patterns that are too large", "subject:/(?:a?b?c?){900}/", /too large/],
    ["too many patterns", Array(100).fill("subject:/a{100}/").join(" "), /too large/],
  ])("has %s", (_, query, sentence) => {
    expect(syntaxError(query).message).toMatch(sentence);
  });
});

test("a list of a thousand addresses is no burden", () => {
  const addresses = Array.from({ length: 1000 }, (_, n) => `*@host-${n}.example.org`);
  const criteria = compileCriteria(`from:(${addresses.join(" OR ")})`);
  const from = (address: string) => Buffer.from(`From: <${address}>\r\n\r\n`);
  expect(criteria.accepts({ block: from("joe@host-999.example.org"), octets: 1 })).toBe(true);
  expect(criteria.accepts({ block: from("joe@host-1000.example.org"), octets: 1 })).toBe(false);
});

describe("the digest", () => {
  const hex = (query: string): string => Buffer.from(compileCriteria(query).digest).toString("hex");

  test("is 32 octets and the same tomorrow: it is kept in databases", () => {
    expect(hex("subject:invoice* AND NOT from:*@example.org AND octets:<5M")).toBe(
      "61a02e40931f490f5ce83138cee6e369304d08706ca2b93d7ff4bf3e4a9a6eaf",
    );
  });

  test.each([
    ["subject:a AND from:b", "  from:b   and\n(SUBJECT:A)"],
    ["subject:a from:b", "from:b subject:a"],
    ['subject:"GRÜSSE ΣΟΦΙΑ"', 'subject:"grüsse σοφια"'],
    ["subject:a OR (subject:b OR subject:c)", "subject:(c or b or a or b)"],
    ["NOT NOT subject:a", "subject:a"],
    ["-from:a", "NOT from:a"],
    ['subject:"a"', "header.subject:a"],
    ["subject:/a\\/b/i", "subject:/a\\/b/"],
    ["octets:<5M", "octets:<=5242879"],
    ["octets:1k", "octets:1024..1024"],
    ["date:2026-01", "date:2026-01-01..2026-01-31"],
    ["date:>=2026-01-01", "date:>=2026-01-01T01:00+01:00"],
    ["subject:a**b", "subject:a*b"],
    ["list-id:*", "header.List-Id:*"],
  ])("is the same for %j and %j", (one, other) => {
    expect(hex(one)).toBe(hex(other));
  });

  test.each([
    ["subject:a AND subject:b", "subject:a OR subject:b"],
    ["subject:a", "from:a"],
    ["subject:İ", "subject:i\u0307"],
    ["subject:a", "subject:a*"],
    ['subject:"a*"', "subject:a*"],
    ["subject:/A/", "subject:/(?-i)A/"],
    ["octets:<5M", "octets:<=5M"],
    ["date:2026", "header.date:2026"],
    ["NOT subject:a", "subject:a"],
  ])("differs for %j and %j", (one, other) => {
    expect(hex(one)).not.toBe(hex(other));
  });
});

describe("in words", () => {
  test("a query is said part by part", () => {
    const query =
      'subject:(invoice* OR "your bill") NOT from:*@example.org octets:<5M date:>=2026-01-15 list-id:* -header.sender:/^x/ to:ann';
    expect(compileCriteria(query).describe()).toEqual([
      "all of these:",
      "  one of these:",
      "    Subject has a word like invoice*",
      '    Subject has the words "your bill"',
      "  not: From has an address like *@example.org",
      "  its octets, as LIST gives them, are at most 5,242,879",
      "  its Date is not before 2026-01-15 00:00:00 UTC",
      "  it has the field List-Id",
      "  not: Sender matches /^x/, upper and lower case alike",
      '  To has the word "ann"',
    ]);
  });
});
