import { describe, expect, test } from "vitest";
import { ClockWatch } from "../../src/service/clock-watch.ts";
import { HangWatch } from "../../src/service/hang-watch.ts";

describe("a queue", () => {
  const queue = { lateMs: 0 };
  let now = 0;
  const looked = (watch: HangWatch, lateMs: number, at: number): boolean => {
    queue.lateMs = lateMs;
    now = at;
    watch.look();
    return watch.isHanging;
  };

  test("hangs once it has been late at every look for a minute, and goes on at once", () => {
    const watch = new HangWatch(queue, () => now);
    expect(looked(watch, 4_000, 0)).toBe(false);
    expect(looked(watch, 70_000, 3_000)).toBe(false);
    expect(looked(watch, 70_000, 63_000)).toBe(false);
    expect(looked(watch, 70_000, 63_001)).toBe(true);
    expect(looked(watch, 0, 64_000)).toBe(false);
  });

  test("does not hang when it was late twice, but not all the time", () => {
    const watch = new HangWatch(queue, () => now);
    expect(looked(watch, 6_000, 0)).toBe(false);
    expect(looked(watch, 0, 30_000)).toBe(false);
    expect(looked(watch, 6_000, 70_000)).toBe(false);
  });
});

describe("the system's clock", () => {
  test("is seen to be set forward and back, once each", () => {
    let ahead = 1_000_000;
    const watch = new ClockWatch(() => ahead);
    expect(watch.step()).toBe(0);
    ahead += 3_600_000;
    expect(watch.step()).toBe(3_600_000);
    expect(watch.step()).toBe(0);
    ahead -= 60_000;
    expect(watch.step()).toBe(-60_000);
  });

  test("is not taken to be set where it is adjusted little by little", () => {
    let ahead = 0;
    const watch = new ClockWatch(() => ahead);
    for (let n = 0; n < 10; n++) {
      ahead += 4_999;
      expect(watch.step()).toBe(0);
    }
  });
});
