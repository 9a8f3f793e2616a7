import { bareAccount } from "@mailonce/runtime/config";
import { NEVER_RUN, type RunEnd } from "@mailonce/runtime/service";
import { expect, test } from "vitest";
import { makeLog } from "../src/log/log.ts";
import { RunLog } from "../src/log/run-log.ts";

const settings = bareAccount({ maildrop: "ann", user: "ann", host: "h", port: 995, tls: "implicit" });
const counts = { new: 0, stored: 0, known: 0, skipped: 0, waiting: 0, rebound: 0, deferred: 0, failed: 0 };
const report = {
  maildrop: "ann",
  counts,
  warnings: [],
  left: 0,
  ending: "done" as const,
  error: null,
};

function log() {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line.replace(/^\S+ /, ""));
  return { lines, log: new RunLog(makeLog(write, "text", "debug")) };
}

const end = (more: Partial<RunEnd["report"]>, result: RunEnd["result"] = { kind: "ended" }): RunEnd => {
  return {
    report: { ...report, ...more },
    result,
    began: true,
    ms: 1,
    octets: 0,
    health: NEVER_RUN,
    due: Date.now() + 5000,
  };
};

test("what a server does wrong in every run is said once, and again when it is something else", () => {
  const { lines, log: runs } = log();
  const warn = (message: string) => runs.ended(settings, end({ warnings: [{ code: "odd", message }] }));
  for (const message of ["odd", "odd", "odd", "odder", "odd"]) warn(message);
  expect(lines.filter((line) => line.includes("warn"))).toEqual([
    "ann: warn: odd",
    "ann: warn: odder",
    "ann: warn: odd",
  ]);
});

test("messages that did not come are told with the reason, those that wait for the next run are counted", () => {
  const { lines, log: runs } = log();
  const of = { messageNumber: 7, uniqueId: null, octets: 5 };
  const reason = { code: "too-large", message: "larger than 1 M" };
  runs.outcomes(settings, [
    { ...of, kind: "skipped" },
    { ...of, kind: "deferred", reason },
  ]);
  runs.ended(settings, end({ counts: { ...counts, deferred: 1, stored: 2 }, left: 3 }));
  expect(lines).toEqual([
    "ann: warn: message 7 deferred: larger than 1 M",
    "ann: 2 stored, 0 known, 1 deferred, 3 more new",
  ]);
});

test("a fault on this side is said once while it lasts", () => {
  const { lines, log: runs } = log();
  const fault = (message: string) =>
    runs.ended(settings, end({ ending: "config", error: { code: "secret", message } }, { kind: "local" }));
  fault("no file");
  fault("no file");
  runs.ended(settings, end({}));
  fault("no file");
  fault("no right");
  expect(lines.filter((line) => line.includes("warn"))).toEqual([
    "ann: warn: no file, again in 5 s",
    "ann: warn: no file, again in 5 s",
    "ann: warn: no right, again in 5 s",
  ]);
});

test("what others have written makes no lines of its own", () => {
  const lines: string[] = [];
  const log = makeLog((line) => lines.push(line), "text", "info");
  log.info({ maildrop: "ann\u001b[2J" }, "a server says:\r\n2026-01-01T00:00:00Z started\u2028all is well");
  expect(lines).toHaveLength(1);
  expect(lines[0]?.slice(25)).toBe("ann [2J: a server says: 2026-01-01T00:00:00Z started all is well");
});
