import { describe, expect, it } from "vitest";
import { type ContentLimits, readContent } from "../src/index.ts";
import { nastyMail } from "./nasty-mail.ts";

const OCTETS = 60_000;
const TIMES = 4;
/** What takes time in proportion to the square takes sixteen times as long. */
const AT_MOST = 10;
/** So little time tells nothing. */
const NOTHING_MS = 300;
const ATTEMPTS = 5;

function shortest(mail: Uint8Array, before: number): number {
  const start = performance.now();
  readContent(mail);
  return Math.min(before, performance.now() - start);
}

describe("a message four times as large takes about four times as long to read", () => {
  it.each(Object.keys(nastyMail))("%s", (shape) => {
    const [small, large] = [OCTETS, OCTETS * TIMES].map((octets) =>
      Buffer.from(nastyMail[shape]?.(octets) ?? "", "latin1"),
    );
    let [one, four] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    // Another program may take the processor's time in one attempt, not in all.
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      one = shortest(small ?? Buffer.alloc(0), one);
      four = shortest(large ?? Buffer.alloc(0), four);
      if (four <= one * AT_MOST + NOTHING_MS) return;
    }
    expect(four).toBeLessThanOrEqual(one * AT_MOST + NOTHING_MS);
  });
});

describe("a message four times as large takes about four times as long to read where it arrives octet by octet", () => {
  async function* octetByOctet(octets: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < octets.length; at++) yield octets.subarray(at, at + 1);
  }

  async function shortestOf(
    octets: Uint8Array,
    limits: Partial<ContentLimits>,
    before: number,
  ): Promise<number> {
    const start = performance.now();
    await readContent(octetByOctet(octets), limits);
    return Math.min(before, performance.now() - start);
  }

  it.each([
    "header fields",
    "one long header field",
    "boundaries",
    "lines like boundaries",
    "one line that begins like a boundary",
    "messages within messages",
    "one long line",
    "base64 of short lines",
    "uuencoded files without end",
  ])("%s", async (shape) => {
    const [small, large] = [OCTETS / 2, (OCTETS / 2) * TIMES].map((octets) =>
      Buffer.from(nastyMail[shape]?.(octets) ?? "", "latin1"),
    );
    for (const limits of [{}, { octets: 5000, partOctets: 100 }]) {
      let [one, four] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        one = await shortestOf(small ?? Buffer.alloc(0), limits, one);
        four = await shortestOf(large ?? Buffer.alloc(0), limits, four);
        if (four <= one * AT_MOST + NOTHING_MS) break;
      }
      expect(four).toBeLessThanOrEqual(one * AT_MOST + NOTHING_MS);
    }
  });
});
