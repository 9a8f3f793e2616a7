import { detectNew } from "@mailonce/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Listing } from "../src/listing.ts";
import { ListingIndex } from "../src/listing-index.ts";

function listing(uidl: string | null, list: string, count = 3): Listing {
  const octets = (text: string): Uint8Array => Buffer.from(text, "latin1");
  return new Listing({
    stat: { count, octets: 0 },
    uidl: uidl === null ? null : octets(uidl),
    list: octets(list),
  });
}

function entries(one: Listing): readonly (readonly [number, string | null, number | null])[] {
  return Array.from({ length: one.length }, (_, at) => {
    const id = one.uniqueId(at);
    return [
      one.messageNumber(at),
      id === null ? null : Buffer.from(id).toString("latin1"),
      one.octets(at),
    ] as const;
  });
}

describe("a listing", () => {
  test("joins UIDL and LIST by message number", () => {
    const one = listing("1 a\r\n2 b\r\n", "1 10\r\n2 20\r\n");
    expect(entries(one)).toEqual([
      [1, "a", 10],
      [2, "b", 20],
    ]);
    expect(one).toMatchObject({ aligned: true, malformedLines: 0 });
  });

  test("takes the unique-id as the rest of the line, whatever it is", () => {
    const one = listing(
      "1  with space \r\n2 \xff\x01\r\n3 LF only\n",
      "1 10\r\n2 20 (some text)\r\n3   30\n",
    );
    expect(entries(one)).toEqual([
      [1, "with space ", 10],
      [2, "\xff\x01", 20],
      [3, "LF only", 30],
    ]);
  });

  test("has an entry for a message whose UIDL line is missing or empty", () => {
    const one = listing("1 a\r\n2\r\n4 d\r\n", "1 10\r\n2 20\r\n3 30\r\n4 40\r\n");
    expect(entries(one)).toEqual([
      [1, "a", 10],
      [2, null, 20],
      [3, null, 30],
      [4, "d", 40],
    ]);
    expect(one.aligned).toBe(false);
    expect([1, 2].map((at) => one.isMissingId(at))).toEqual([false, true]);
  });

  test("has an entry for a message that only UIDL lists", () => {
    expect(entries(listing("1 a\r\n2 b\r\n", "1 10\r\n"))).toEqual([
      [1, "a", 10],
      [2, "b", null],
    ]);
  });

  test("stands another order, gaps and large numbers", () => {
    expect(entries(listing("7 g\r\n4000000000 x\r\n3 c\r\n", "3 30\r\n7 70\r\n4000000000 9\r\n"))).toEqual([
      [3, "c", 30],
      [7, "g", 70],
      [4000000000, "x", 9],
    ]);
  });

  test("counts lines that cannot be read, and believes no second line for a number", () => {
    const one = listing(
      "x a\r\n1 a\r\n1 b\r\n\r\n2 c\r\n",
      "one 1\r\n1 10\r\n1 11\r\n-2 5\r\n2 20\r\n0 1\r\n5000000000 1\r\n",
    );
    expect(entries(one)).toEqual([
      [1, null, 10],
      [2, "c", 20],
    ]);
    expect(one.malformedLines).toBe(8);
  });

  test("is without unique-ids where the server has no UIDL", () => {
    expect(entries(listing(null, "1 10\r\n2 20\r\n"))).toEqual([
      [1, null, 10],
      [2, null, 20],
    ]);
  });

  test("does not believe STAT's count", () => {
    expect(entries(listing("1 a\r\n", "1 10\r\n", 4_000_000_000))).toHaveLength(1);
    const list = Array.from({ length: 500 }, (_, n) => `${n + 1} 1\r\n`).join("");
    expect(entries(listing(null, list, 0))).toHaveLength(500);
  });

  test("is found in by unique-id, octet by octet", () => {
    const id = fc.string({ unit: fc.constantFrom("a", "A", " ", "\xe9", "\0"), minLength: 0, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(id, fc.constantFrom("x".repeat(300), "y".repeat(256))), { maxLength: 40 }),
        (ids) => {
          const ids0 = ids.map((one) => one.trimStart());
          const lines = ids0.map((one, n) => `${n + 1} ${one}\r\n`).join("");
          const one = listing(lines, ids0.map((_, n) => `${n + 1} 1\r\n`).join(""));
          const index = new ListingIndex(one);
          for (const [at, text] of ids0.entries())
            expect(index.isAlone(at)).toBe(
              text !== "" && ids0.filter((other) => other === text).length === 1,
            );
          for (const text of ids0.filter((other) => other !== "" && other.length < 256))
            expect(index.find(Buffer.from(text, "latin1"))).toBe(ids0.indexOf(text));
          expect(index.find(Buffer.from("not there"))).toBe(-1);
        },
      ),
    );
  });
});

describe("the textbook recipe", () => {
  test("divides a listing into fresh, known and unclear", () => {
    const list = ["a", "b", "", "c", "c", "A"].map((uniqueId, n) => ({ messageNumber: n + 1, uniqueId }));
    const { fresh, known, unclear } = detectNew(list, ["b", Buffer.from("c")]);
    expect(fresh.map(({ messageNumber }) => messageNumber)).toEqual([1, 6]);
    expect(known.map(({ messageNumber }) => messageNumber)).toEqual([2]);
    expect(unclear.map(({ messageNumber }) => messageNumber)).toEqual([3, 4, 5]);
  });
});
