import { readFileSync } from "node:fs";
import type { StandingSummary } from "@mailonce/runtime/service";
import { expect, test } from "vitest";
import type { Snapshot } from "../src/status/gauges.ts";
import { Metrics } from "../src/status/metrics.ts";

const HOUR = 3_600_000;
const quiet = { lastRun: null, lastSuccess: null, failures: 0, refusals: 0, pause: null, isLeased: false };

/** A snapshot of these accounts, all well unless it says otherwise. */
function snapshot(
  standings: Readonly<Record<string, Partial<StandingSummary>>>,
  more: Partial<Snapshot> = {},
): Snapshot {
  const names = Object.keys(standings);
  return {
    isReady: true,
    version: "1.2.3",
    served: new Map(names.map((name) => [name, Date.now()])),
    names: true,
    standings: new Map(names.map((name) => [name, { ...quiet, ...standings[name] }])),
    outbox: { pending: 0, dead: 0, oldest: null },
    failing: new Map(),
    withoutSecret: 0,
    workers: 1,
    configuration: { isRejected: false, heldBack: [], unreadable: 0 },
    ...more,
  };
}

async function read(one: Snapshot): Promise<string> {
  return new Metrics(async () => one).text();
}

/** The value of a series; NaN if there is none. */
function value(text: string, series: string): number {
  const line = text.split("\n").find((each) => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1));
}

test("the documentation names every metric that there is, and no other", async () => {
  const text = await read(snapshot({ ann: {} }));
  const defined = [...text.matchAll(/^# TYPE (mailonce_\w+)/gm)].map(([, name]) => name);
  const doc = readFileSync(new URL("../../../docs/worker.md", import.meta.url), "utf8");
  const table = [...doc.matchAll(/^\| `(mailonce_[a-z_]+)/gm)].map(([, name]) => name);
  expect(new Set(table)).toEqual(new Set(defined));
  const mentioned = new Set([...doc.matchAll(/mailonce_[a-z_]*[a-z]/g)].map(([name]) => name));
  expect(mentioned).toEqual(new Set(defined));
});

test("the documentation names the labels' values that there are", async () => {
  const doc = readFileSync(new URL("../../../docs/worker.md", import.meta.url), "utf8");
  const text = await read(snapshot({ ann: {} }));
  for (const [, name = "", label = "", told = ""] of text.matchAll(/^(mailonce_\w+)\{(\w+)="([^"]+)"\}/gm)) {
    if (label === "le" || label === "maildrop") continue;
    const row = doc.split("\n").find((line) => line.startsWith(`| \`${name}{${label}}\``)) ?? "";
    const place = name === "mailonce_accounts" ? doc : row;
    expect(place, name).toContain(told);
  }
});

test("every account is in one state, whatever is the case with it", async () => {
  const now = new Date();
  const before = new Date(now.getTime() - HOUR);
  const text = await read(
    snapshot({
      new: {},
      well: { lastRun: now, lastSuccess: now },
      running: { lastRun: now, lastSuccess: before, isLeased: true },
      failing: { lastRun: now, lastSuccess: before, failures: 3 },
      busy: { lastRun: now, lastSuccess: before },
      refused: { lastRun: now, refusals: 1 },
      paused: { lastRun: now, refusals: 3, failures: 2, isLeased: true, pause: "login-refused" },
      "by hand": { lastRun: now, lastSuccess: now, pause: "by-hand" },
      "of another version": { pause: "something-new" },
    }),
  );
  const states = Object.fromEntries(
    [...text.matchAll(/^mailonce_accounts\{state="(.+)"\} (\d+)$/gm)].map(([, state, count]) => [
      state,
      Number(count),
    ]),
  );
  expect(states).toEqual({ waiting: 2, running: 1, "backing-off": 3, paused: 3 });
  expect(value(text, 'mailonce_accounts_paused{reason="login-refused"}')).toBe(2);
  expect(value(text, 'mailonce_accounts_paused{reason="by-hand"}')).toBe(1);
});

test("the lag counts from the last success that the database knows, and not for paused accounts", async () => {
  const ago = (ms: number) => new Date(Date.now() - ms);
  const text = await read(
    snapshot(
      {
        well: { lastSuccess: ago(2 * HOUR) },
        never: {},
        paused: { lastSuccess: ago(20 * HOUR), pause: "by-hand" },
        "clock ahead": { lastSuccess: ago(-30 * 24 * HOUR) },
      },
      {
        served: new Map(["well", "never", "paused", "clock ahead"].map((name) => [name, Date.now() - HOUR])),
      },
    ),
  );
  expect(value(text, "mailonce_lag_seconds_max") / 7200).toBeCloseTo(1, 1);
  expect(value(text, 'mailonce_lag_seconds{maildrop="never"}') / 3600).toBeCloseTo(1, 1);
  // Its time is still to come: it is not believed.
  expect(value(text, 'mailonce_lag_seconds{maildrop="clock ahead"}') / 3600).toBeCloseTo(1, 1);
  expect(text).not.toContain('maildrop="paused"');
});

test("while the database is away the lag grows on, and what is not known is left out", async () => {
  const there = snapshot({ ann: { lastSuccess: new Date(Date.now() - HOUR) } });
  const away = { ...there, isReady: false, standings: null, outbox: null, failing: null, workers: null };
  const told = [there, away, there];
  const metrics = new Metrics(async () => told.shift() ?? there);
  expect(value(await metrics.text(), "mailonce_workers")).toBe(1);
  const text = await metrics.text();
  expect(value(text, "mailonce_lag_seconds_max")).toBeGreaterThanOrEqual(3600);
  for (const name of [
    "accounts",
    "accounts_paused",
    "outbox",
    "outbox_oldest_seconds",
    "hooks_failing",
    "workers",
  ])
    expect(text).not.toMatch(new RegExp(`^mailonce_${name}[{ ]`, "m"));
  expect(value(text, "mailonce_ready")).toBe(0);
  expect(value(await metrics.text(), "mailonce_outbox_oldest_seconds")).toBe(0);
});

test("the age of the oldest delivery is of the time of reading, also the first time", async () => {
  const outbox = { pending: 3, dead: 1, oldest: new Date(Date.now() - HOUR) };
  const text = await read(snapshot({ ann: {} }, { outbox }));
  expect(value(text, "mailonce_outbox_oldest_seconds")).toBeGreaterThanOrEqual(3600);
});

test("hooks that fail for reasons without end make no series without end", async () => {
  const failing = new Map(Array.from({ length: 50 }, (_, n) => [`E${n}`, 1]));
  const text = await read(snapshot({ ann: {} }, { failing: failing.set("timeout", 2) }));
  expect(value(text, 'mailonce_hooks_failing{reason="other"}')).toBe(50);
  expect(value(text, 'mailonce_hooks_failing{reason="timeout"}')).toBe(2);
  expect(text.match(/^mailonce_hooks_failing\{/gm)).toHaveLength(8);
});

test("no maildrop is named where names are left out", async () => {
  const text = await read(snapshot({ "ann@example.org": { pause: null } }, { names: false }));
  expect(text).not.toContain("ann@example.org");
  expect(value(text, 'mailonce_accounts{state="waiting"}')).toBe(1);
});

test("counters are there before anything has happened, so that alerts see them begin", async () => {
  const text = await read(snapshot({}));
  for (const series of [
    'mailonce_runs_total{result="refused"}',
    'mailonce_logins_total{result="refused"}',
    'mailonce_deliveries_total{result="dead"}',
  ])
    expect(value(text, series)).toBe(0);
});
