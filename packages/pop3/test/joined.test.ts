import { expect, test } from "vitest";
import { joined } from "../src/messages/joined.ts";

const slab = new Uint8Array([1, 2, 3, 4, 5, 6]);

test("pieces that lie one behind the other are joined without a copy", () => {
  const whole = joined([slab.subarray(1, 3), slab.subarray(3, 4), slab.subarray(4)]);
  expect([...whole]).toEqual([2, 3, 4, 5, 6]);
  expect(whole.buffer).toBe(slab.buffer);
});

test.each([
  ["with a gap", [slab.subarray(0, 2), slab.subarray(3)], [1, 2, 4, 5, 6]],
  ["in another order", [slab.subarray(3), slab.subarray(0, 3)], [4, 5, 6, 1, 2, 3]],
  ["of two slabs", [slab.subarray(0, 2), slab.slice(2)], [1, 2, 3, 4, 5, 6]],
  ["that overlap", [slab.subarray(0, 3), slab.subarray(2)], [1, 2, 3, 3, 4, 5, 6]],
])("pieces %s are copied", (_, pieces, expected) => {
  const whole = joined(pieces);
  expect([...whole]).toEqual(expected);
  expect(whole.buffer).not.toBe(slab.buffer);
});

test("one piece is itself, and none is empty", () => {
  expect(joined([slab])).toBe(slab);
  expect(joined([])).toHaveLength(0);
});
