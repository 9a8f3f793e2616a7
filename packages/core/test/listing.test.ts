import { createHash } from "node:crypto";
import { detectNew } from "@mailonce/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LISTING_START, Listing } from "../src/listing/listing.ts";
import { markOf, startAfterMark } from "../src/listing/mark.ts";
import { type Listings, receiveListings } from "../src/listing/receive.ts";
import { ListingText } from "../src/listing/text.ts";
import { UniqueIds } from "../src/listing/unique-ids.ts";
import type { ListingMark } from "../src/ports/maildrop.ts";
import type { ListingPart } from "../src/ports/maildrop-session.ts";

function listing(uidl: string | null, list: string, count = 3): Listing {
  return new Listing({
    count,
    uidl: uidl === null ? null : text(uidl),
    list: text(list),
    isMarked: false,
  });
}

/** The octets of a text in pieces that end at `cuts`. */
function pieces(octets: string, cuts: readonly number[] = []): Uint8Array[] {
  const whole = Buffer.from(octets, "latin1");
  const ends = [...new Set(cuts), whole.length].filter((end) => end <= whole.length).sort((a, b) => a - b);
  return ends.map((end, n) => whole.subarray(ends[n - 1] ?? 0, end));
}

function text(octets: string, cuts: readonly number[] = []): ListingText {
  const text = new ListingText();
  for (const piece of pieces(octets, cuts)) text.push(piece);
  return text;
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
    expect(one.malformedLines).toBe(7);
  });

  test("takes a line that comes twice for one, without a word, and never as its mark", () => {
    for (const [uidl, list] of [
      ["1 a\r\n2 b\r\n", "1 10\r\n1 10\r\n2 20\r\n"],
      ["1 a\r\n1 a\r\n2 b\r\n", "1 10\r\n2 20\r\n"],
      ["1 a\r\n2 b\r\n1 a\r\n2 b\r\n", "1 10\r\n2 20\r\n1 10\r\n 2  20\r\n"],
      ["1 a\r\n1 a\r\n2 b\r\n2 b\r\n", "1 10\r\n1 10\r\n2 20\r\n2 20\r\n"],
    ] as const) {
      const one = listing(uidl, list);
      expect(entries(one)).toEqual([
        [1, "a", 10],
        [2, "b", 20],
      ]);
      expect(one).toMatchObject({ aligned: false, malformedLines: 0 });
    }
  });

  test("believes no unique-id that was contradicted, however often it is said", () => {
    const one = listing("1 a\r\n1 b\r\n1 a\r\n1\r\n2\r\n2\r\n", "1 10\r\n2 20\r\n");
    expect(entries(one)).toEqual([
      [1, null, 10],
      [2, null, 20],
    ]);
    expect(one).toMatchObject({ malformedLines: 3 });
    expect([0, 1].map((at) => one.isMissingId(at))).toEqual([true, false]);
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
          const index = new UniqueIds(one);
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

describe("the text of a listing", () => {
  const line = fc.string({ unit: fc.constantFrom("a", "\r", " ", "\xff", "x".repeat(3000)), maxLength: 4 });
  const lines = fc.tuple(fc.array(line, { maxLength: 12 }), fc.boolean());
  const cut = fc.array(fc.nat(20_000), { maxLength: 12 });

  test("is the same lines and the same octets in whatever pieces it comes", () => {
    fc.assert(
      fc.property(lines, cut, fc.nat(20_000), ([parts, ended], cuts, at) => {
        const whole = parts.join("\n") + (ended ? "\n" : "");
        const one = text(whole, cuts);
        expect(one.length).toBe(whole.length);
        const from = whole.lastIndexOf("\n", at % (whole.length + 1)) + 1;
        const seen: string[] = [];
        one.forEachLine(from, (octets, start, end) =>
          seen.push(Buffer.from(octets.subarray(start, end)).toString("latin1")),
        );
        const rest = whole.slice(from).split("\n");
        if (rest.at(-1) === "") rest.pop();
        expect(seen).toEqual(rest);
        for (let count = 0; count <= rest.length; count++) {
          const octets = rest.slice(0, count).reduce((sum, { length }) => sum + length + 1, 0);
          expect(one.endOfLines(from, count)).toBe(Math.min(from + octets, whole.length));
        }
        expect(Buffer.concat(one.pieces).toString("latin1")).toBe(whole);
      }),
    );
  });

  test("is read the same as listing, in whatever pieces it comes", () => {
    const [uidl, list] = ["1 a\r\n2\r\n4 d e\r\n7 x\r\n", "1 10\r\n2 20\r\n3 30\r\n4 40\r\n"];
    const whole = entries(listing(uidl, list));
    for (let at = 1; at < uidl.length; at++)
      for (let other = at; other < uidl.length; other++)
        expect(
          entries(
            new Listing({
              count: 3,
              uidl: text(uidl, [at, other]),
              list: text(list, [at, other]),
              isMarked: false,
            }),
          ),
        ).toEqual(whole);
  });

  test("of many small pieces is copied together", () => {
    const one = new ListingText();
    for (let n = 1; n <= 20_000; n++) one.push(Buffer.from(`${n} id-${n}\r\n`));
    let next = 1;
    one.forEachLine(0, (octets, start, end) => {
      expect(Buffer.from(octets.subarray(start, end)).toString()).toBe(`${next} id-${next}\r`);
      next++;
    });
    expect(next).toBe(20_001);
  });
});

describe("the mark", () => {
  const uidl = "1 a\r\n2 b\r\n3 c\r\n";
  const list = "1 10\r\n2 20\r\n3 30\r\n";
  const criteria = Buffer.alloc(32, 1);

  /** Receives these listings in pieces that end at `cuts`. */
  function listings(
    mark: ListingMark | null,
    [ofUidl, ofList]: readonly [string | null, string] = [uidl, list],
    cuts: readonly number[] = [5, 7],
  ): Promise<Listings> {
    const parts = async function* (): AsyncGenerator<ListingPart> {
      yield { kind: "stat", count: 3, octets: 60 };
      if (ofUidl === null) yield { kind: "no-uidl" };
      else for (const octets of pieces(ofUidl, cuts)) yield { kind: "uidl", octets };
      for (const octets of pieces(ofList, cuts)) yield { kind: "list", octets };
    };
    return receiveListings(parts(), mark);
  }

  async function markOver(count: number, criteriaDigest: Uint8Array | null = null): Promise<ListingMark> {
    const mark = markOf(new Listing(await listings(null)), count, criteriaDigest);
    if (mark === null) throw new Error("no mark");
    return mark;
  }

  test("is found in a listing that begins with it, however much follows and wherever it is cut", async () => {
    for (const count of [1, 2, 3]) {
      const mark = await markOver(count);
      expect(mark).toMatchObject({ count, uidlOctets: 5 * count, listOctets: 6 * count });
      for (let cut = 0; cut <= list.length; cut++) {
        for (const texts of [
          [uidl, list],
          [`${uidl}4 d\r\n`, `${list}4 40\r\n`],
        ] as const)
          expect(startAfterMark(await listings(mark, texts, [cut, 2 * cut]), mark, null)).toBe(mark);
      }
      const longer = await listings(mark, [`${uidl}4 d\r\n`, `${list}4 40\r\n`]);
      const tail = new Listing(longer, startAfterMark(longer, mark, null));
      expect(entries(tail).at(-1)).toEqual([4, "d", 40]);
      expect(tail.length).toBe(4 - count);
    }
  });

  test("goes on over what followed", async () => {
    const first = await markOver(2);
    const longer = await listings(first, [`${uidl}4 d\r\n`, `${list}4 40\r\n`]);
    const next = markOf(new Listing(longer, startAfterMark(longer, first, null)), 2, null);
    expect(next).toMatchObject({ count: 4, uidlOctets: 20, listOctets: 24 });
    const same = await listings(next, [`${uidl}4 d\r\n`, `${list}4 40\r\n`]);
    expect(startAfterMark(same, next, null)).toBe(next);
  });

  test.each<[string, string, string]>([
    ["another octet of a unique-id", "1 a\r\n2 B\r\n3 c\r\n", list],
    ["another number of octets", uidl, "1 10\r\n2 21\r\n3 30\r\n"],
    ["another line end", "1 a\r\n2 b\r\n3 c\n ", list],
    ["a message less", "1 a\r\n2 b\r\n", "1 10\r\n2 20\r\n"],
    ["unique-ids only", uidl, ""],
    ["an octet that has moved from UIDL to LIST", uidl.slice(0, -1), `\n${list}`],
    ["an octet that has moved from LIST to UIDL", `${uidl}1`, list.slice(1)],
    ["two messages that have changed places", "1 b\r\n2 a\r\n3 c\r\n", list],
  ])("is not found in a listing with %s", async (_, ...texts) => {
    const mark = await markOver(3);
    expect(startAfterMark(await listings(mark, texts), mark, null)).toBe(LISTING_START);
  });

  test("is not found where any bit differs", async () => {
    const mark = await markOver(3);
    for (const [n, octets] of [uidl, list].entries())
      for (let bit = 0; bit < 8 * octets.length; bit++) {
        const other = Buffer.from(octets, "latin1");
        other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const changed = other.toString("latin1");
        const received = await listings(mark, n === 0 ? [changed, list] : [uidl, changed]);
        expect(received.isMarked).toBe(false);
      }
  });

  test("is not found without UIDL, nor under other criteria, nor as one of an earlier version", async () => {
    const mark = await markOver(3, criteria);
    expect(startAfterMark(await listings(mark), mark, criteria)).toBe(mark);
    expect(startAfterMark(await listings(mark), mark, null)).toBe(LISTING_START);
    expect(startAfterMark(await listings(mark, [null, list]), mark, criteria)).toBe(LISTING_START);
    const digest = createHash("sha256")
      .update(uidl + list)
      .digest();
    const earlier = { ...mark, digest };
    expect(startAfterMark(await listings(earlier), earlier, criteria)).toBe(LISTING_START);
  });

  test("has a key of its own", async () => {
    const [one, other] = [await markOver(3), await markOver(3)];
    expect(one.digest).toHaveLength(32);
    expect(Buffer.from(one.digest).equals(other.digest)).toBe(false);
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
