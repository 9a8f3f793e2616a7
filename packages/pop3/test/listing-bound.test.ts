import { describe, expect, test } from "vitest";
import { ListingBound } from "../src/protocol/listing-bound.ts";

const LINES = 1000;
const limits = { listingLines: LINES, listingLineOctets: 4096 };

/** The piece, counted from 1, at which lines of such lengths, so many to a piece, are too many; null if they never are. */
function endsAt(lengths: readonly number[], linesInPiece: number): number | null {
  const bound = new ListingBound(limits, null);
  for (let from = 0, piece = 1; from < lengths.length; from += linesInPiece, piece++) {
    const lines = lengths.slice(from, from + linesInPiece).map((length) => `${"x".repeat(length - 1)}\n`);
    if (bound.take(Buffer.from(lines.join(""))) !== null) return piece;
  }
  return null;
}

const so = (count: number, octets: number): number[] => Array.from({ length: count }, () => octets);

describe("a listing", () => {
  test.each([4, 5, 26, 200])("may have as many lines as are allowed, of %i octets", (octets) => {
    expect(endsAt(so(LINES, octets), 10)).toBeNull();
    expect(endsAt(so(LINES + 1, octets), 10)).toBe(LINES / 10 + 1);
  });

  test("ends with the first line too many, wherever its long lines and its short ones stand", () => {
    for (const lengths of [
      [...so(LINES - 200, 100), ...so(201, 4)],
      [...so(200, 4), ...so(LINES - 199, 100)],
      Array.from({ length: LINES + 1 }, (_, n) => 4 + ((n * 37) % 90)),
    ]) {
      expect(endsAt(lengths.slice(1), 7)).toBeNull();
      expect(endsAt(lengths, 7)).toBe(Math.ceil(lengths.length / 7));
    }
  });

  test("ends also where its lines are shorter than any that lists a message", () => {
    expect(endsAt(so(4 * LINES, 1), 10)).toBeNull();
    expect(endsAt(so(4 * LINES + 1, 1), 10)).toBe((4 * LINES) / 10 + 1);
  });
});
