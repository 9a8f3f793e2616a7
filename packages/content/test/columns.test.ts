import { describe, expect, it } from "vitest";
import { columnsOf, columnsOfGrapheme, graphemesOf, isOneColumnEach } from "../src/columns.ts";

describe("columns of a text on a terminal", () => {
  it.each([
    ["plain", 5],
    ["", 0],
    ["日本", 4],
    ["한글", 4],
    ["ＡＢ", 4],
    ["（株）", 6],
    ["ｶﾞｲﾄﾞ", 5],
    ["ガイド", 6],
    ["\u1112\u1161\u11ab\u1100\u1173\u11af", 4],
    ["e\u0301", 1],
    ["Zürich Zu\u0308rich", 13],
    ["a\u0300\u0301\u0302\u0303b", 2],
    ["สวัสดี", 4],
    ["น้ำ", 2],
    ["नमस्ते", 4],
    ["हिन्दी", 5],
    ["السلام", 6],
    ["می‌خواهم", 7],
    ["Donau\u00addampf", 10],
    ["a\u200e\u200f\u200b\u2060\ufeffb", 2],
    ["“…”", 3],
    ["αβγ ЖЩ", 6],
  ])("%j takes %i", (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });

  it.each([
    ["😀", 2],
    ["👨‍👩‍👧‍👦", 2],
    ["👩🏽‍💻", 2],
    ["👍🏿", 2],
    ["🇩🇪🇫🇷", 4],
    ["🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", 2],
    ["🏳️‍🌈", 2],
    ["1️⃣#️⃣*⃣", 6],
    ["❤️", 2],
    ["❤", 1],
    ["☎\ufe0e", 1],
    ["©", 1],
    ["™️", 2],
    ["✅", 2],
    ["🇩", 1],
  ])("of emoji, %j takes %i", (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });

  it("takes at a glance only what takes one column each, whatever stands beside it", () => {
    const characters = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
    const single = characters.filter(isOneColumnEach);
    expect(single).toEqual(expect.arrayContaining(["a", "ö", "ß", "Ω", "Ж", "…", "“", "€"]));
    expect(single.filter((character) => columnsOfGrapheme(character) !== 1)).toEqual([]);
    // What UAX 29 joins with another character here it joins with a letter before or behind it, or with itself.
    const beside = single.flatMap((one) => ["a", one, one]);
    expect([...graphemesOf(beside.join(""))]).toEqual(beside);
  });

  it("counts a letter under a heap of marks as one", () => {
    expect(columnsOf(`a${"\u0301".repeat(100_000)}b`)).toBe(2);
  });
});
