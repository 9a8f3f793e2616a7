import { describe, expect, test } from "vitest";
import { MessageIds } from "../src/record/message-ids.ts";

describe("the ids of messages", () => {
  test("are UUIDs of version 7 that ascend, also within a millisecond", () => {
    const ids = new MessageIds();
    const now = new Date("2026-11-22T12:00:00.000Z");
    const made = Array.from({ length: 2000 }, () => ids.next(now));
    for (const id of made)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(made.toSorted((one, other) => (one < other ? -1 : 1))).toEqual(made);
    expect(new Set(made.map((id) => id.slice(-10))).size).toBe(made.length);
  });

  test("ascend although the clock is set back, and say the time that they are given", () => {
    const ids = new MessageIds();
    const noon = ids.next(new Date("2026-11-22T12:00:00.000Z"));
    const earlier = ids.next(new Date("2026-11-22T11:00:00.000Z"));
    expect(noon.slice(0, 13)).toBe("01a20320-a200");
    expect(earlier > noon).toBe(true);
  });
});
