import { describe, expect, it } from "vitest";
import { suggestion } from "../../src/text/suggestion.ts";
import { formatDuration, parseDuration, parseOctets } from "../../src/text/units.ts";

describe("a duration", () => {
  it.each([
    ["30s", 30_000],
    ["250ms", 250],
    ["1h30m", 5_400_000],
    ["1h 30m", 5_400_000],
    ["2d", 172_800_000],
  ])("%s is %i ms", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(["", "30", "s", "0s", "1.5h", "-1s", "1w", "30 s", "25d", "1h30", "9999999999999s"])(
    "%j is none",
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );

  it("is written as it is read", () => {
    expect([30_000, 5_400_250, 172_800_000].map(formatDuration)).toEqual(["30s", "1h30m250ms", "2d"]);
  });
});

it.each([
  ["1", 1],
  ["25M", 26_214_400],
  ["2k", 2048],
  ["1G", 1_073_741_824],
  ["0", null],
  ["1.5M", null],
  ["M", null],
  ["9007199254740993", null],
])("%s octets are %s", (text, octets) => {
  expect(parseOctets(text)).toBe(octets);
});

it.each([
  ["databse", "database"],
  ["MaxOctets", "maxOctets"],
  ["maxoctet", "maxOctets"],
  ["uurl", "url"],
  ["colour", null],
  ["x", null],
])("%s is taken for %s", (word, meant) => {
  expect(suggestion(word, ["database", "maxOctets", "url", "timeouts"])).toBe(meant);
});
