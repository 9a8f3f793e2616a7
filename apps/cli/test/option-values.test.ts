import { expect, it } from "vitest";
import { durationMs, waitMs } from "../src/input/option-values.ts";

it.each<[text: string, ms: number]>([
  ["3", 3000],
  ["30s", 30_000],
  ["500ms", 500],
  ["1h30m", 5_400_000],
])("reads --timeout %s", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
  expect(waitMs(text)).toBe(ms);
});

it.each(["", "0", "-3", "3 x", "soon", "1e3", "3.5", "99999999999"])(
  "says which forms --timeout %o may have",
  (text) => {
    expect(() => durationMs(text)).toThrow("It must be seconds, or a duration such as 30s, 5m or 1h30m");
  },
);

it("waits as long as it takes, or not at all", () => {
  expect(waitMs("")).toBe("ever");
  expect(waitMs("0")).toBe(0);
  expect(waitMs("0s")).toBe(0);
});
