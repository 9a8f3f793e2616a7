import { columnsOf } from "@mailonce/content/columns";
import { describe, expect, it } from "vitest";
import { cut, fit, safeBlock, safeLine } from "../src/output/safe-text.ts";

describe("text from mail", () => {
  it.each([
    ["\u001b]0;title\u0007", "\ufffd]0;title\ufffd"],
    ["\u001b[2J\u001b[31mred", "\ufffd[2J\ufffd[31mred"],
    ["\u009b31mred", "\ufffd31mred"],
    ["a\r\nb\tc\u00a0d", "a b c d"],
    ["two\u2028lines\u2029three", "two lines three"],
    ["exe.\u202ecod.pdf", "exe.\ufffdcod.pdf"],
    ["lone \ud83d surrogate", "lone \ufffd surrogate"],
    ["del\u007f nul\u0000", "del\ufffd nul\ufffd"],
    ["Grüße 日本 😀", "Grüße 日本 😀"],
  ])("%j is shown as %j on one line", (text, shown) => {
    expect(safeLine(text)).toBe(shown);
  });

  it("keeps its lines in a block, and nothing else that moves the cursor", () => {
    expect(safeBlock("a\r\n\tb\rc\u001b[1A\u2028d\u0085e\u2029f")).toBe("a\n\tb\nc\ufffd[1A\nd\ufffde\nf");
  });

  it.each([
    ["Persian, whose words need the non-joiner", "می‌خواهم"],
    ["a family of emoji", "👨‍👩‍👧‍👦"],
    ["a flag of tag characters", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}"],
    ["a shrug with its variation selectors", "🤷🏽‍♀️ ❤️ ☎︎"],
    ["German hyphenation", "Donau\u00addampf\u00adschiff"],
    ["direction marks", "\u200eabc\u200f אבג \u061cابت"],
    ["a conjunct of Malayalam", "ന്‍"],
    ["a preheader's filler", "Sale\u034f\u200c\u200b\u2060\ufeffx"],
    ["Arabic's number sign", "\u0600١٢"],
    ["Mongolian's vowel separator", "ᠠ\u180eᠡ"],
    ["a private character and a noncharacter", "\ue000\uffff"],
  ])("%s is shown as it is", (_, text) => {
    expect(safeLine(text)).toBe(text);
    expect(safeBlock(text)).toBe(text);
  });

  it.each([
    ["ended embeddings stay", "\u202a+49 30 123\u202c or \u202bאבג\u202c", null],
    ["ended isolates stay", "from \u2068שלום\u2069 and \u2066abc \u2067אב\u2069\u2069", null],
    ["an isolate without end", "a\u2066b", "a\ufffdb"],
    ["an embedding without end", "a\u202bb\u202ac\u202cd", "a\ufffdb\u202ac\u202cd"],
    ["an embedding within an isolate ends with it", "\u2067a\u202bb\u2069c", null],
    ["an isolate keeps its end from an embedding", "\u202ba\u2066b\u202cc", "\ufffda\ufffdb\u202cc"],
    ["an ended override", "a\u202dbc\u202cd", "a\ufffdbc\ufffdd"],
    ["an override within an isolate", "\u2066a\u202eb\u2069c", "\u2066a\ufffdb\u2069c"],
    ["ends without a beginning", "a\u202cb\u2069c", null],
  ])("of the marks that turn the direction: %s", (_, text, shown) => {
    expect(safeLine(text)).toBe(shown ?? text);
    expect(safeBlock(text)).toBe(shown ?? text);
  });

  it("ends no direction beyond its line", () => {
    expect(safeBlock("a\u2067b\nc\u2069d\n\u2067e\u2069")).toBe("a\ufffdb\nc\u2069d\n\u2067e\u2069");
  });
});

describe("columns", () => {
  it.each([
    ["abc", 5, "abc  "],
    ["abcdef", 5, "abcd…"],
    ["日本語", 5, "日本…"],
    ["日本語", 4, "日… "],
    ["日本", 4, "日本"],
    ["abc", 0, ""],
    ["👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 5, "👨‍👩‍👧‍👦👨‍👩‍👧‍👦…"],
    ["🇩🇪🇫🇷", 3, "🇩🇪…"],
    ["สวัสดี", 3, "สวั…"],
    ["e\u0301e\u0301e\u0301", 2, "e\u0301…"],
    ["ab\u200d", 2, "ab\u200d"],
    ["\u202a+49 30 123456\u202c", 5, "\u202a+49 \u202c…"],
    ["\u2067\u202aabcdef\u202c\u2069", 4, "\u2067\u202aabc\u202c\u2069…"],
  ])("%j fits in %i", (text, columns, shown) => {
    expect(fit(text, columns)).toBe(shown);
    expect(columnsOf(fit(text, columns))).toBe(columns);
    expect(columnsOf(cut(text, columns))).toBeLessThanOrEqual(columns);
  });

  it("cuts nothing where there is no end of the line", () => {
    expect(cut("日本語".repeat(1000), Number.POSITIVE_INFINITY)).toBe("日本語".repeat(1000));
  });
});
