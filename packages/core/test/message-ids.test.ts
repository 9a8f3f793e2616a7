import { describe, expect, test } from "vitest";
import { MessageIds } from "../src/record/message-ids.ts";

describe("the ids of messages", () => {
  test("are UUIDs of version 7 that ascend, also within a millisecond", () => {
    const ids = new MessageIds();
    const made = Array.from({ length: 2000 }, () => ids.next());
    for (const id of made)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(made.toSorted((one, other) => (one < other ? -1 : 1))).toEqual(made);
    expect(new Set(made.map((id) => id.slice(-10))).size).toBe(made.length);
  });
});
