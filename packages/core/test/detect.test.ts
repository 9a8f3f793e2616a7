import { KnownBlock, type KnownEntry } from "@mailonce/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { detect } from "../src/detect/detect.ts";
import { Listing } from "../src/listing/listing.ts";
import { ListingText } from "../src/listing/text.ts";
import { UniqueIds } from "../src/listing/unique-ids.ts";
import { classKey, uniqueIdKey } from "../src/message/identity.ts";

const NOW = new Date("2026-03-01T12:00:00Z");
const CRITERIA = Buffer.alloc(32, 7);

/** A listing of these unique-ids; message n has n octets. */
function listing(ids: readonly string[]): Listing {
  const [uidl, list] = [new ListingText(), new ListingText()];
  uidl.push(Buffer.from(ids.map((id, n) => `${n + 1} ${id}\r\n`).join(""), "latin1"));
  list.push(Buffer.from(ids.map((_, n) => `${n + 1} ${n + 1}\r\n`).join("")));
  return new Listing({ count: ids.length, uidl, list, isMarked: false });
}

function octets(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

/** A message key: 16 octets, the last of which are those of `last`. */
function key(last: string): Uint8Array {
  return octets(last.padStart(16, "\0"));
}

function row(identity: string, change: Partial<KnownEntry> = {}): KnownEntry {
  return {
    identity: octets(identity),
    disposition: "stored",
    messageKey: key(identity),
    octets: 1,
    criteriaDigest: null,
    bound: false,
    attempts: 0,
    due: null,
    ...change,
  };
}

function block(rows: readonly KnownEntry[]): KnownBlock {
  const made = new KnownBlock(rows.length);
  for (const one of rows) made.add(one);
  return made;
}

/** Detects a listing of these unique-ids by these rows, in blocks of `size` rows. */
function detected(ids: readonly string[], rows: readonly KnownEntry[], size = 1000) {
  const blocks = async function* () {
    for (let from = 0; from < rows.length; from += size) yield block(rows.slice(from, from + size));
  };
  const options = { uniqueIdsTrusted: true, criteriaDigest: CRITERIA, now: NOW };
  return detect(listing(ids), blocks(), options);
}

describe("a block of ledger entries", () => {
  const entry: fc.Arbitrary<KnownEntry> = fc.record({
    identity: fc.uint8Array({ minLength: 1, maxLength: 255 }),
    disposition: fc.constantFrom("stored", "skipped", "baseline", "deferred"),
    messageKey: fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 })),
    octets: fc.option(fc.nat({ max: Number.MAX_SAFE_INTEGER })),
    criteriaDigest: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 })),
    bound: fc.boolean(),
    attempts: fc.nat(5),
    due: fc.option(fc.date({ noInvalidDate: true })),
  });

  test("gives back what was added", () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
        const made = block(entries);
        expect(made.length).toBe(entries.length);
        expect([...made]).toEqual(entries);
      }),
    );
  });

  test("takes the same from the middle of something larger", () => {
    const identity = octets("uid and more");
    const messageKeys = octets(`xx${"k".repeat(16)}yy`);
    const made = new KnownBlock(1);
    const numbers = { identityOctets: 3, messageKey: 2, octets: 6_000_000_000 };
    made.addStored({ identity, messageKeys, ...numbers, bound: true });
    identity.fill(0);
    messageKeys.fill(0);
    expect([...made]).toEqual([
      row("uid", { messageKey: octets("k".repeat(16)), octets: 6_000_000_000, bound: true }),
    ]);
  });
});

describe("an index of the listing", () => {
  const id = fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "b", "\xff"), minLength: 1, maxLength: 3 }),
    fc.constantFrom("x".repeat(255), "x".repeat(256), "y".repeat(300)),
  );

  test("finds many at once as one by one, whatever the server chose", () => {
    fc.assert(
      fc.property(fc.array(id, { maxLength: 60 }), fc.array(id, { maxLength: 60 }), (listed, asked) => {
        const index = new UniqueIds(listing(listed));
        const keys = asked.map((one) => uniqueIdKey(octets(one)));
        const wanted = block(keys.map((identity) => row("", { identity })));
        const found = new Int32Array(asked.length);
        index.findAll(wanted.identities, wanted.identityEnds, asked.length, found);
        expect([...found]).toEqual(asked.map((one) => listed.indexOf(one)));
        expect(keys.map((identity) => index.find(identity))).toEqual([...found]);
      }),
    );
  });

  test("tells 50,000 unique-ids apart, and those of the ledger that it does not list", () => {
    const ids = Array.from({ length: 50_000 }, (_, n) => `${(n * 48271) % 50021}.example`);
    const index = new UniqueIds(listing(ids));
    const wanted = block([...ids, ...ids.map((one) => `${one}.org`)].map((one) => row(one)));
    const found = new Int32Array(wanted.length);
    index.findAll(wanted.identities, wanted.identityEnds, wanted.length, found);
    expect([...found.subarray(0, ids.length)]).toEqual(ids.map((_, n) => n));
    expect(found.subarray(ids.length).every((at) => at === -1)).toBe(true);
  });
});

const DAY_MS = 24 * 3_600_000;

/** What the row of a message says that these criteria want in so many milliseconds. */
function waits(ms: number): Partial<KnownEntry> {
  const due = new Date(NOW.getTime() + ms);
  return { disposition: "waiting", messageKey: null, criteriaDigest: CRITERIA, due };
}

describe("known or new", () => {
  test.each<[string, Partial<KnownEntry>, string]>([
    ["is stored", {}, "known"],
    ["is stored, LIST having said no octets then", { octets: null }, "known"],
    ["is stored with other octets", { octets: 9 }, "changed"],
    ["was rejected by these criteria", { disposition: "skipped", criteriaDigest: CRITERIA }, "known"],
    ["was rejected by others", { disposition: "skipped", criteriaDigest: Buffer.alloc(32, 8) }, "unknown"],
    ["was rejected by others and failed then", { disposition: "skipped", attempts: 1 }, "retry"],
    ["was marked as known", { disposition: "baseline", messageKey: null }, "known"],
    ["was marked as known by being bound", { disposition: "baseline", bound: true }, "known"],
    ["is deferred and due", { disposition: "deferred", due: NOW }, "retry"],
    ["is deferred until later", { disposition: "deferred", due: new Date(+NOW + 1) }, "notDue"],
    ["is deferred, and differs now", { disposition: "deferred", due: NOW, octets: 9 }, "unknown"],
    ["waits, and is not ripe", waits(1), "waiting"],
    ["waits for as long as anything does", waits(30 * DAY_MS), "waiting"],
    ["waits, and is ripe", waits(0), "unknown"],
    ["waits for longer than anything does", waits(30 * DAY_MS + 1), "unknown"],
    ["waits, and differs now", { ...waits(1), octets: 9 }, "unknown"],
    ["waits under other criteria", { ...waits(1), criteriaDigest: Buffer.alloc(32, 8) }, "unknown"],
  ])("a message that %s", async (_, change, where) => {
    const { entries, boundBaseline, absentOctets, classKeys } = await detected(["a"], [row("a", change)]);
    expect([entries.state(0), entries.isCovered(0)]).toEqual([where, where === "known"]);
    expect(boundBaseline).toEqual(change.bound === true ? [0] : []);
    expect([absentOctets.size, classKeys]).toEqual([0, []]);
  });

  test("a message without row is unknown, one whose unique-id is another's is classed", async () => {
    const { entries } = await detected(["a", "b", "b"], [row("b")]);
    expect([entries.in("unknown"), entries.in("classed")]).toEqual([[0], [1, 2]]);
  });

  test("the octets of settled rows that are not listed are remembered, and the keys of classes", async () => {
    const of = { uniqueIdKey: null, headerDigest: null, coreOctets: 5 };
    const { absentOctets, classKeys } = await detected(
      ["a"],
      [
        row("b", { octets: 2 }),
        row("c", { octets: 3, disposition: "deferred" }),
        row("d", { octets: null }),
        row("", { identity: classKey(of), octets: 5 }),
      ],
    );
    expect([...absentOctets]).toEqual([2, 5]);
    expect(classKeys).toEqual([Uint8Array.from(classKey(of))]);
  });

  test("an entry goes from one state to the next, and cannot take a step that leads nowhere", async () => {
    const { entries } = await detected(["a", "b"], [row("b", { octets: 2 })]);
    entries.move(0, "queued");
    entries.move(0, "stored");
    expect([entries.count("stored"), entries.count("known"), entries.count("new")]).toEqual([1, 1, 0]);
    expect(() => entries.move(0, "queued")).toThrow("a message that is stored cannot become queued");
    expect(() => entries.move(1, "left")).toThrow("a message that is known cannot become left");
  });

  test("of several whose rows name one message all but the first listed are twins", async () => {
    const named = (identity: string, message: string, at: number): KnownEntry =>
      row(identity, { messageKey: key(message), octets: at + 1 });
    const ids = ["a", "b", "c", "d", "e", "f"];
    const rows = [
      named("f", "one", 5),
      named("b", "one", 1),
      named("d", "one", 3),
      named("c", "two", 2),
      // This entry has other octets than its row, so it may be another message, and makes no twin of "c".
      named("a", "two", 99),
      named("e", "three", 4),
    ];
    for (const size of [1, 2, 1000]) {
      const { entries } = await detected(ids, rows, size);
      expect(entries.count("known")).toBe(3);
      expect([entries.in("twin"), entries.in("changed")]).toEqual([[3, 5], [0]]);
    }
  });
});
