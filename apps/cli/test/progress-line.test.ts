import { expect, it } from "vitest";
import { formatDuration, formatOctets } from "../src/output/format.ts";
import { fitLines, Rate, renderProgress } from "../src/output/progress-lines.ts";

const half = {
  phase: "retrieving",
  listed: 30,
  messages: 20,
  messagesDone: 8,
  octets: 4_000_000,
  octetsDone: 2_000_000,
  octetsSettled: 1_600_000,
} as const;

it("draws bar, messages, octets, rate and remaining time", () => {
  expect(renderProgress(half, 500_000)).toBe(
    "█████████▒▒▒░░░░░░░░░░░░  40 %  8/20  2.0 MB of 4.0 MB  500 kB/s  0:04 left",
  );
});

it("says no percentage of messages that have arrived and are not stored yet", () => {
  expect(renderProgress({ ...half, messagesDone: 0, octetsSettled: 0 }, null)).toContain(
    "▒▒▒▒▒▒▒▒▒▒▒▒░░░░░░░░░░░░   0 %  0/20  2.0 MB of 4.0 MB",
  );
});

it("does not run over where less was listed than has arrived", () => {
  expect(renderProgress({ ...half, octetsSettled: 9_000_000, messagesDone: 20 }, null)).toContain(
    "████████████████████████ 100 %  20/20",
  );
});

it("shows what is settled where nothing of it had to be retrieved", () => {
  expect(renderProgress({ ...half, octetsDone: 0 }, null)).toBe("█████████░░░░░░░░░░░░░░░  40 %  8/20");
});

it("counts messages where the server lists no octets, and does not run over where more arrive than were listed", () => {
  expect(renderProgress({ ...half, octets: 0, octetsSettled: 0, octetsDone: 900 }, null)).toContain(
    " 40 %  8/20  900 B of 900 B",
  );
  expect(renderProgress({ ...half, octetsDone: 5_000_000 }, 1000)).toContain(
    " 40 %  8/20  5.0 MB of 5.0 MB  1.0 kB/s  0:00 left",
  );
});

it("names the phase where nothing is being retrieved", () => {
  expect(renderProgress({ ...half, phase: "connecting" }, null)).toBe("connecting …");
});

it("has a line for each account, at most as many as the terminal has room for, and counts the rest", () => {
  const lines = ["a", "b", "c", "d", "e"];
  const at = (rows: number, ended = 2): readonly string[] => fitLines(lines, { rows, ended, expected: 7 });
  expect(at(24)).toEqual([...lines, "2 of 7 accounts done"]);
  expect(at(7)).toEqual([...lines, "2 of 7 accounts done"]);
  expect(at(6)).toEqual(["a", "b", "c", "… and 2 more", "2 of 7 accounts done"]);
  expect(at(3)).toHaveLength(2);
  expect(at(2)).toEqual(["2 of 7 accounts done"]);
  expect(fitLines(["a"], { rows: 24, ended: 0, expected: 1 })).toEqual(["a"]);
});

it("smooths the rate, so that one slow moment does not double the remaining time", () => {
  const rate = new Rate();
  expect(rate.measure(0, 0)).toBeNull();
  expect(rate.measure(1000, 100)).toBeNull();
  expect(rate.measure(10_000, 1000)).toBe(10_000);
  const slower = rate.measure(10_000, 2000) ?? 0;
  expect(slower).toBeGreaterThan(8000);
  expect(slower).toBeLessThan(10_000);
});

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [99_949, "100 kB"],
  [999_999, "1.0 MB"],
  [20 * 1024 * 1024, "21 MB"],
])("writes %i octets as %s", (octets, text) => {
  expect(formatOctets(octets)).toBe(text);
});

it.each([
  [0, "0:00"],
  [59.6, "1:00"],
  [3723, "1:02:03"],
])("writes %d s as %s", (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});
