import { decodeCharset, decodeField, decodeWords, readDate, readHeader } from "@mailonce/core/message";
import { describe, expect, test } from "vitest";

/**
 * So many octets take well under a second, and would take minutes in quadratic time. `BOUND_MS` is far from both, so that
 * a slow machine does not fail.
 */
const OCTETS = 1_000_000;
const BOUND_MS = 30_000;

/** Texts that are repeated up to `OCTETS`. */
const SHAPES: readonly string[] = [
  "=?",
  "?=",
  "=?=?",
  "=?utf-8?q?",
  "=?utf-8?q?a?=",
  "=?u?q?=00",
  "=?u?q?a?=00 ",
  "=?u?b?QQ",
  "=?u?b?QQ==?= ",
  "=?iso-2022-jp?q?=1B$B ",
  "=?u?q?=3D=3Fu=3Fq=3F",
  "=?u?q? ",
  "\r\n ",
  " ",
  "(",
  "()",
  "(\\",
  "\x1b$B",
  "\x1b$B!\n",
  "\x0e",
  "~{",
  "\xff",
  "\xc3",
  "\xe4\xb8",
  "\xed\xa0\x80",
  "\x81",
  "a\xfc ",
  "\0",
  "1:",
  "1 Nov ",
  "+",
];

describe("a sender cannot hold a fetch up", () => {
  test.each(SHAPES)("with a million octets of %j", (shape) => {
    const text = shape.repeat(Math.ceil(OCTETS / shape.length));
    const octets = Buffer.from(text, "latin1");
    const start = performance.now();
    decodeField(octets);
    decodeWords(text);
    readDate(text);
    readDate(text.slice(0, 1000));
    for (const name of ["Subject", "Date", "Received", "Content-Type"])
      expect(readHeader(Buffer.concat([Buffer.from(`${name}: `), octets])).messageId).toBeNull();
    for (const label of [
      null,
      "utf-8",
      "iso-8859-1",
      "gb2312",
      "shift_jis",
      "iso-2022-jp",
      "iso-2022-kr",
      "hz-gb-2312",
      "utf-16",
    ])
      expect(typeof decodeCharset(octets, label).text).toBe("string");
    expect(performance.now() - start).toBeLessThan(BOUND_MS);
  });

  test("with a hundred thousand fields", () => {
    const start = performance.now();
    for (const line of [
      "Date: x\r\n",
      "Received: x\r\n",
      "Received:; 1 x\r\n",
      "Subject:\r\n",
      "Content-Type: a\r\n",
      "X: \xff\r\n",
    ])
      readHeader(Buffer.from(line.repeat(100_000), "latin1"));
    expect(performance.now() - start).toBeLessThan(BOUND_MS);
  });

  test("with any octets at all: nothing throws", () => {
    let seed = 1;
    const next = (): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed;
    };
    const pieces = [
      "=?",
      "?=",
      "utf-8?q?",
      "iso-2022-jp?B?",
      "\x1b$B",
      "\x1b(B",
      "=C3",
      "\xc3",
      "\x81\x40",
      "(",
      ")",
      "12:30",
      "Nov",
      "2019",
      "+0100",
      " ",
      "\r\n ",
      "\0",
      "~{",
      "~}",
    ];
    for (let round = 0; round < 1000; round++) {
      const text = Array.from({ length: next() % 12 }, () => pieces[next() % pieces.length] ?? "").join("");
      const octets = Buffer.from(text, "latin1");
      for (const label of [null, "utf-8", "iso-2022-jp", "gbk", "hz", "utf-7", "x"])
        decodeCharset(octets, label);
      decodeField(octets, "gbk");
      readDate(text);
      readHeader(Buffer.concat([Buffer.from("Subject: "), octets, Buffer.from("\r\nDate: "), octets]));
    }
  });
});
