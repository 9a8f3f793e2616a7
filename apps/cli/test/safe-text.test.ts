import { describe, expect, it } from "vitest";
import { columnsOf, cut, fit, safeBlock, safeLine } from "../src/safe-text.ts";

describe("text from mail", () => {
  it.each([
    ["\u001b]0;title\u0007", "\ufffd]0;title\ufffd"],
    ["\u001b[2J\u001b[31mred", "\ufffd[2J\ufffd[31mred"],
    ["\u009b31mred", "\ufffd31mred"],
    ["a\r\nb\tc\u00a0d", "a b c d"],
    ["exe.\u202ecod.pdf", "exe.\ufffdcod.pdf"],
    ["\u2066\u200b\u061c\ufeff", "\ufffd\ufffd\ufffd"],
    ["lone \ud83d surrogate", "lone \ufffd surrogate"],
    ["del\u007f nul\u0000", "del\ufffd nul\ufffd"],
    ["Grüße 日本 😀", "Grüße 日本 😀"],
  ])("%j is shown as %j on one line", (text, shown) => {
    expect(safeLine(text)).toBe(shown);
  });

  it("keeps its lines in a block, and nothing else that moves the cursor", () => {
    expect(safeBlock("a\r\n\tb\rc\u001b[1A\u2028d\u0085e")).toBe("a\n\tb\nc\ufffd[1A\ufffdd\ufffde");
  });
});

describe("columns", () => {
  it.each([
    ["plain", 5],
    ["日本", 4],
    ["e\u0301", 1],
    ["😀", 2],
    ["한글", 4],
  ])("%j takes %i", (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });

  it.each([
    ["abc", 5, "abc  "],
    ["abcdef", 5, "abcd…"],
    ["日本語", 5, "日本…"],
    ["日本語", 4, "日… "],
    ["abc", 0, ""],
  ])("%j fits in %i", (text, columns, shown) => {
    expect(fit(text, columns)).toBe(shown);
    expect(columnsOf(fit(text, columns))).toBe(columns);
    expect(columnsOf(cut(text, columns))).toBeLessThanOrEqual(columns);
  });
});
