import { describe, expect, test } from "vitest";
import { storedTime } from "../src/values/stored-date.ts";

describe("the text of a time of the clock", () => {
  test("is the time's own, also where the same Date was set to another time meanwhile", () => {
    const time = new Date("2026-11-30T10:00:00.000Z");
    expect(storedTime(time)).toBe("2026-11-30 10:00:00.000");
    time.setUTCMilliseconds(7);
    expect(storedTime(time)).toBe("2026-11-30 10:00:00.007");
    expect(storedTime(time)).toBe("2026-11-30 10:00:00.007");
  });

  test("is that of now where the date is none, or is beyond what a database can hold", () => {
    const year = new RegExp(`^${new Date().getUTCFullYear()}-`);
    expect(storedTime(new Date(Number.NaN))).toMatch(year);
    expect(storedTime(new Date("+010000-01-01T00:00:00Z"))).toMatch(year);
  });
});
