import { compileCriteria } from "@mailonce/core";
import { compileSearch } from "@mailonce/core/search";
import { describe, expect, test } from "vitest";
import { message } from "../search/messages.ts";
import { header } from "./header.ts";

const DATE = "Date: Thu, 15 Jan 2026 12:00:00 +0000";
const NEVER_SEEN = new Date("2030-01-01T00:00:00Z");

/** True: wanted now; false: never; else from when on, as a time in UTC. */
function decide(
  query: string,
  now: string,
  lines: readonly string[] = [DATE, "Subject: x"],
  firstSeen = NEVER_SEEN,
): boolean | string | undefined {
  const seen = { block: header(...lines), octets: 1000 };
  const decision = compileCriteria(query).decide?.(seen, { now: new Date(now), firstSeen });
  return decision instanceof Date ? decision.toISOString() : decision;
}

describe("an age", () => {
  test.each([
    ["age:>30d", "age:>30d", "it is older than 30 days"],
    ["AGE:>=2w", "age:>=14d", "it is at least 14 days old"],
    ["age:<1h", "age:<1h", "it is younger than 1 hour"],
    ["age:<=90M", "age:<=90m", "it is at most 90 minutes old"],
    ["age:>120m", "age:>2h", "it is older than 2 hours"],
    ["age:<48h", "age:<2d", "it is younger than 2 days"],
    ["age:>=3y", "age:>=1095d", "it is at least 1,095 days old"],
    ["age:>=0m", "age:>=0d", "it is at least 0 days old"],
    ["age:(<1h OR >1d)", "age:<1h OR age:>1d", "one of these:"],
  ])("%s is %s in the normal form: %s", (query, canonical, words) => {
    const criteria = compileCriteria(query);
    expect(criteria.canonical).toBe(canonical);
    expect(compileCriteria(canonical).canonical).toBe(canonical);
    expect(criteria.describe()[0]).toBe(words);
  });

  test.each([
    ["age:>30d", "2026-02-14T12:00:00.000Z", "2026-02-14T12:00:00.001Z"],
    ["age:>=30d", "2026-02-14T11:59:59.999Z", "2026-02-14T12:00:00.000Z"],
    ["age:>=30d", "2026-02-14T12:00:00.000Z", true],
    ["age:>30d", "2026-02-14T12:00:00.001Z", true],
    ["age:<1h", "2026-01-15T12:59:59.999Z", true],
    ["age:<1h", "2026-01-15T13:00:00.000Z", false],
    ["age:<=1h", "2026-01-15T13:00:00.000Z", true],
    ["age:<=1h", "2026-01-15T13:00:00.001Z", false],
    ["NOT age:<30d", "2026-01-16T00:00:00.000Z", "2026-02-14T12:00:00.000Z"],
    ["NOT age:<30d", "2026-03-16T00:00:00.000Z", true],
    ["NOT age:>30d", "2026-01-16T00:00:00.000Z", true],
    ["NOT age:>30d", "2026-03-16T00:00:00.000Z", false],
    ["age:>30d AND subject:x", "2026-01-16T00:00:00.000Z", "2026-02-14T12:00:00.001Z"],
    ["age:>30d AND subject:y", "2026-01-16T00:00:00.000Z", false],
    ["age:>30d OR subject:x", "2026-01-16T00:00:00.000Z", true],
    ["age:>30d OR subject:y", "2026-01-16T00:00:00.000Z", "2026-02-14T12:00:00.001Z"],
    ["age:>1d AND age:<2d", "2026-01-15T13:00:00.000Z", "2026-01-16T12:00:00.001Z"],
    ["age:>1d AND age:<2d", "2026-01-16T13:00:00.000Z", true],
    ["age:>1d AND age:<2d", "2026-01-18T13:00:00.000Z", false],
    ["age:<1d OR age:>2d", "2026-01-16T13:00:00.000Z", "2026-01-17T12:00:00.001Z"],
    ["age:<2d AND age:>3d", "2026-01-15T13:00:00.000Z", false],
    ["NOT (age:<1d OR (age:>2d AND subject:x))", "2026-01-15T13:00:00.000Z", "2026-01-16T12:00:00.000Z"],
    ["age:>30d AND octets:<1k", "2026-01-16T00:00:00.000Z", "2026-02-14T12:00:00.001Z"],
    ["age:>30d AND octets:>1k", "2026-01-16T00:00:00.000Z", false],
  ])("%s at %s: %s", (query, now, expected) => {
    expect(decide(query, now)).toBe(expected);
  });

  const now = "2026-01-16T00:00:00.000Z";
  const seen = new Date("2026-01-10T00:00:00.000Z");
  test.each([
    ["without a date it is that since the first sight", ["Subject: x"], seen, "2026-02-09T00:00:00.001Z"],
    ["without a date that can be read, too", ["Date: nonsense"], seen, "2026-02-09T00:00:00.001Z"],
    [
      "a Received field is a date",
      ["Received: by x; Thu, 1 Jan 2026 00:00:00 +0000"],
      seen,
      "2026-01-31T00:00:00.001Z",
    ],
    [
      "of several Date fields the first counts",
      [DATE, "Date: Thu, 1 Jan 2026 00:00:00 +0000"],
      NEVER_SEEN,
      "2026-02-14T12:00:00.001Z",
    ],
    ["a date after the first sight does not count", [DATE], seen, "2026-02-09T00:00:00.001Z"],
    [
      "nor one that is still to come",
      ["Date: Fri, 1 Jan 2038 00:00:00 +0000"],
      NEVER_SEEN,
      "2026-02-15T00:00:00.001Z",
    ],
  ])("%s", (_, lines, firstSeen, ripe) => {
    expect(decide("age:>30d", now, lines, firstSeen)).toBe(ripe);
  });

  test("is decided for each moment as what is wanted at that moment says", () => {
    const start = Date.parse("2026-01-15T11:00:00Z");
    const queries = [
      "age:>1h AND age:<2h",
      "age:<=1h OR age:>=3h",
      "NOT (age:>1h OR subject:y)",
      "age:>2h -age:>4h",
    ];
    for (const query of queries) {
      const criteria = compileCriteria(query);
      const block = header(DATE, "Subject: x");
      const wanted = Array.from({ length: 80 }, (_, n) => {
        const at = new Date(start + n * 300_000);
        return criteria.accepts({ block, octets: 1 }, { now: at, firstSeen: NEVER_SEEN });
      });
      for (const [n, isWanted] of wanted.entries()) {
        const at = new Date(start + n * 300_000);
        const decision = criteria.decide?.({ block, octets: 1 }, { now: at, firstSeen: NEVER_SEEN });
        const next = wanted.indexOf(true, n);
        if (isWanted) expect(decision).toBe(true);
        // Before its date the message counts as first seen now, and its age stands still.
        else if (at < new Date("2026-01-15T12:00:00Z")) expect(decision).not.toBe(true);
        else if (next < 0) expect(decision).toBe(false);
        else {
          const ripe = decision instanceof Date ? decision.getTime() : 0;
          expect(ripe).toBeGreaterThan(start + (next - 1) * 300_000);
          expect(ripe).toBeLessThanOrEqual(start + next * 300_000);
        }
      }
    }
  });

  test("is not decided by the octets, unless they decide alone", () => {
    expect(compileCriteria("age:>1d AND octets:<1k").byOctets(5000)).toBe(false);
    expect(compileCriteria("age:>1d AND octets:<1k").byOctets(500)).toBe(null);
    expect(compileCriteria("age:>1d OR octets:<1k").byOctets(500)).toBe(true);
  });

  test("changes nothing for queries that look at none", () => {
    expect(compileCriteria("subject:x AND date:2026").decide).toBeUndefined();
    const digest = Buffer.from(compileCriteria("subject:x AND date:2026").digest).toString("hex");
    expect(digest).toBe("ab0f3dd2fda042b97ae9d5feace75187196b793d1f06aec20656d982253abb15");
  });

  test("is explained", () => {
    const criteria = compileCriteria("age:>30d AND subject:x");
    const time = { now: new Date("2026-01-16T00:00:00Z"), firstSeen: NEVER_SEEN };
    expect(criteria.explain({ block: header(DATE, "Subject: x"), octets: 1 }, time)).toEqual({
      accepted: false,
      waitsUntil: new Date("2026-02-14T12:00:00.001Z"),
      findings: [{ term: "age:>30d", holds: false, found: "2026-01-15T12:00:00.000Z" }],
    });
    const other = criteria.explain({ block: header(DATE, "Subject: y"), octets: 1 }, time);
    expect([other.accepted, other.waitsUntil]).toEqual([false, null]);
  });
});

describe("in stored mail", () => {
  const at = new Date("2026-02-20T12:00:00Z");
  test.each([
    ["age:>36d", {}, false],
    ["age:>=36d", {}, true],
    ["NOT age:>36d", {}, true],
    ["age:>19d", { date: null }, true],
    ["age:>20d", { date: null }, false],
    ["age:<1w", { date: "2038-01-01T00:00:00Z" }, false],
  ])("%s of %j at a time: %s", (query, parts, isFound) => {
    expect(compileSearch(query, at).accepts(message(parts))).toBe(isFound);
  });
});
