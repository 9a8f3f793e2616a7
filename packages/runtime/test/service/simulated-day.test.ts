import { describe, expect, test } from "vitest";
import type { Schedule } from "../../src/account/settings.ts";
import {
  type AccountHealth,
  begun,
  ended,
  firstDue,
  NEVER_RUN,
  type Plan,
  plausible,
} from "../../src/schedule/account-health.ts";
import type { RunResult } from "../../src/schedule/run-result.ts";
import { TimerQueue } from "../../src/schedule/timer-queue.ts";
import { SimulatedClock } from "./simulated-clock.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const DIGEST = new Uint8Array(32);
const every = (ms: number): Schedule => ({ kind: "interval", ms });

interface SimulatedAccount {
  readonly name: string;
  readonly host?: string;
  readonly schedule: Schedule;
  readonly leastGapMs?: number;
  /** How the n-th login (from 0) at this time ends, and how long the run takes (default 2 s). */
  readonly server: (
    login: number,
    time: number,
  ) => RunResult | { readonly result: RunResult; readonly ms: number };
}

/** A worker's day: when it logged in to each account, in ms since the day began. */
class SimulatedDay {
  readonly clock = new SimulatedClock("2026-03-02T00:00:00Z");
  readonly start = this.clock.now();
  readonly logins = new Map<string, number[]>();
  readonly ends = new Map<string, number[]>();
  readonly standings = new Map<string, AccountHealth>();
  readonly #accounts = new Map<string, SimulatedAccount>();
  readonly #limits: { readonly all: number; readonly perHost: number };
  #queue: TimerQueue;
  most = 0;
  #now = 0;

  constructor(limits = { all: 10, perHost: 10 }) {
    this.#limits = limits;
    this.#queue = new TimerQueue(limits, this.clock);
  }

  async begin(...accounts: readonly SimulatedAccount[]): Promise<void> {
    for (const account of accounts) this.#accounts.set(account.name, account);
    await this.#queue.start((name) => this.#run(name));
    for (const account of accounts) await this.#put(account);
  }

  /** The worker's process ends at once, and another begins: only the standings are left. */
  async restart(): Promise<void> {
    const died = this.#queue;
    void died.stop();
    this.#queue = new TimerQueue(this.#limits, this.clock);
    await this.begin(...this.#accounts.values());
  }

  async #put({ name, host = name, schedule, leastGapMs = 0 }: SimulatedAccount): Promise<void> {
    const health = this.standings.get(name) ?? NEVER_RUN;
    const due = firstDue(health, { schedule, leastGapMs }, this.clock.now(), this.clock.random());
    if (due !== null) await this.#queue.put({ name, host, due, everyMs: MINUTE });
  }

  async #run(name: string): Promise<number | null> {
    const account = this.#accounts.get(name);
    if (account === undefined) return null;
    const plan: Plan = { schedule: account.schedule, leastGapMs: account.leastGapMs ?? 0 };
    const logins = this.logins.get(name) ?? [];
    this.logins.set(name, logins);
    const time = this.clock.now() - this.start;
    const told = account.server(logins.length, time);
    const { result, ms } = "kind" in told ? { result: told, ms: 2 * SECOND } : told;
    logins.push(time);
    this.standings.set(name, begun(this.standings.get(name) ?? NEVER_RUN, plan, this.clock.now()));
    this.most = Math.max(this.most, ++this.#now);
    await this.clock.until(this.clock.now() + ms);
    this.#now--;
    this.ends.set(name, [...(this.ends.get(name) ?? []), this.clock.now() - this.start]);
    const before = this.standings.get(name) ?? NEVER_RUN;
    const after = ended(before, plan, result, {
      now: this.clock.now(),
      random: this.clock.random(),
      digest: DIGEST,
    });
    this.standings.set(name, after.health);
    return after.due;
  }

  /** The pauses from the end of each run to the next login. */
  pauses(name: string): readonly number[] {
    const ends = this.ends.get(name) ?? [];
    return (this.logins.get(name) ?? []).slice(1).map((login, n) => login - (ends[n] ?? Number.NaN));
  }
}

const fine: RunResult = { kind: "ended" };
const down: RunResult = { kind: "trouble" };

describe("a simulated day", () => {
  test("an account every five minutes is served every five minutes, and a little later", async () => {
    const day = new SimulatedDay();
    await day.begin({ name: "ann", schedule: every(5 * MINUTE), server: () => fine });
    await day.clock.pass(DAY);
    const pauses = day.pauses("ann");
    expect(pauses.length).toBeGreaterThan(DAY / (5.5 * MINUTE + 2 * SECOND) - 2);
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(5.5 * MINUTE);
  });

  test("a schedule by the clock is kept in its time zone, through the night in which summer time begins", async () => {
    const day = new SimulatedDay();
    const schedule: Schedule = { kind: "cron", expression: "30 6 * * *", timeZone: "Europe/Berlin" };
    await day.clock.pass(26 * DAY);
    await day.begin({ name: "ann", schedule, server: () => fine });
    await day.clock.pass(3 * DAY);
    const times = (day.logins.get("ann") ?? []).map((login) => new Date(day.start + login).toISOString());
    expect(times.map((time) => time.slice(0, 15))).toEqual([
      "2026-03-28T05:3",
      "2026-03-29T04:3",
      "2026-03-30T04:3",
    ]);
  });

  test("a server's LOGIN-DELAY is kept although the interval is shorter, and although the worker dies all the time", async () => {
    const day = new SimulatedDay();
    day.standings.set("ann", { ...NEVER_RUN, loginDelayMs: 10 * MINUTE });
    await day.begin({
      name: "ann",
      schedule: every(MINUTE),
      server: () => ({ result: fine, ms: 30 * SECOND }),
    });
    for (let n = 0; n < 24 * 20; n++) {
      await day.clock.pass(3 * MINUTE);
      await day.restart();
    }
    const logins = day.logins.get("ann") ?? [];
    const gaps = logins.slice(1).map((login, n) => login - (logins[n] ?? 0));
    expect(gaps.length).toBeGreaterThan(100);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(10 * MINUTE);
  });

  test("a pause that a server wants and does not announce is learnt", async () => {
    const day = new SimulatedDay();
    let last = Number.NEGATIVE_INFINITY;
    let refused = 0;
    await day.begin({
      name: "ann",
      schedule: every(30 * SECOND),
      server: (_login, time) => {
        const tooSoon = time - last < 3 * MINUTE;
        if (!tooSoon) last = time;
        else refused++;
        return tooSoon ? { kind: "login-delay" } : fine;
      },
    });
    await day.clock.pass(DAY);
    expect(refused).toBeLessThanOrEqual(4);
    expect(day.logins.get("ann")?.length).toBeGreaterThan(DAY / (5 * MINUTE));
  });

  test("a provider's known least pause is kept", async () => {
    const day = new SimulatedDay();
    await day.begin({ name: "ann", schedule: every(SECOND), leastGapMs: MINUTE, server: () => fine });
    await day.clock.pass(DAY);
    expect(Math.min(...day.pauses("ann"))).toBeGreaterThanOrEqual(MINUTE);
  });

  test("a server that is down all day is tried ever more seldom, and soon again once it is back", async () => {
    const day = new SimulatedDay();
    const back = 20 * HOUR;
    await day.begin({
      name: "ann",
      schedule: every(5 * MINUTE),
      server: (_login, time) => (time < back ? down : fine),
    });
    await day.clock.pass(DAY);
    const logins = day.logins.get("ann") ?? [];
    expect(logins.filter((login) => login < back).length).toBeLessThanOrEqual(28);
    const first = logins.find((login) => login >= back) ?? Number.NaN;
    expect(first).toBeLessThanOrEqual(back + 65 * MINUTE + 2 * SECOND);
    expect(day.standings.get("ann")?.failures).toBe(0);
  });

  test("a schedule of once a day is tried again within the hour when the network was down", async () => {
    const day = new SimulatedDay();
    const schedule: Schedule = { kind: "cron", expression: "0 3 * * *", timeZone: "UTC" };
    await day.begin({ name: "ann", schedule, server: (login) => (login < 3 ? down : fine) });
    await day.clock.pass(DAY);
    expect(day.logins.get("ann")).toHaveLength(4);
    expect(day.logins.get("ann")?.at(-1)).toBeLessThan(4 * HOUR);
  });

  test("a wrong password is tried once where the server says so, whatever happens to the worker", async () => {
    const day = new SimulatedDay();
    const refused: RunResult = { kind: "refused", certain: true, message: "refused" };
    await day.begin({ name: "ann", schedule: every(MINUTE), server: () => refused });
    for (let n = 0; n < 24; n++) {
      await day.clock.pass(HOUR);
      await day.restart();
    }
    expect(day.logins.get("ann")).toHaveLength(1);
    expect(day.standings.get("ann")?.pause).toEqual({
      code: "login-refused",
      reason: "refused",
      digest: DIGEST,
    });
  });

  test("a login refused without a reason is tried three times, minutes apart, whatever happens to the worker", async () => {
    const day = new SimulatedDay();
    const refused: RunResult = { kind: "refused", certain: false, message: "refused" };
    await day.begin({ name: "ann", schedule: every(MINUTE), server: () => refused });
    for (let n = 0; n < 24 * 60; n++) {
      await day.clock.pass(MINUTE);
      await day.restart();
    }
    expect(day.logins.get("ann")).toHaveLength(3);
    expect(day.pauses("ann")[0]).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(day.pauses("ann")[1]).toBeGreaterThanOrEqual(10 * MINUTE);
    expect(day.standings.get("ann")?.pause?.code).toBe("login-refused");
  });

  test("a fault of the database is none of the server's: the account is tried again in seconds", async () => {
    const day = new SimulatedDay();
    await day.begin({
      name: "ann",
      schedule: every(HOUR),
      server: (login) => (login < 3 ? { kind: "local" } : fine),
    });
    await day.clock.pass(MINUTE);
    expect(day.logins.get("ann")).toHaveLength(4);
    expect(day.standings.get("ann")?.failures).toBe(0);
  });

  test.each([2 * MINUTE, 5 * MINUTE, HOUR])(
    "an account whose worker died on another machine is served within twice its interval (%d ms)",
    (interval) => {
      // The latest that its run was due after the one before, at 0; the worker dies at once.
      const death = 1.1 * interval;
      const leaseEnds = death + MINUTE;
      const plan: Plan = { schedule: every(interval), leastGapMs: 0 };
      // By then the queue has given the run to another worker.
      let now = death + 22.5 * SECOND;
      for (let health = NEVER_RUN; now < leaseEnds; ) {
        const leased: RunResult = { kind: "busy", leased: true };
        const end = ended(begun(health, plan, now), plan, leased, { now, random: 0.99, digest: DIGEST });
        health = end.health;
        now = end.due ?? Number.NaN;
      }
      expect(now).toBeLessThan(2 * interval);
    },
  );

  test("an account does not wait for a time to come again that was written down before the clock was set back", () => {
    const plan: Plan = { schedule: every(5 * MINUTE), leastGapMs: 10 * MINUTE };
    const now = Date.parse("2026-03-02T00:00:00Z");
    const later = now + 30 * DAY;
    const health = { ...NEVER_RUN, lastRun: later, notBefore: later + 10 * MINUTE };
    expect(plausible(health, plan, now)).toMatchObject({ lastRun: now, notBefore: now + 10 * MINUTE });
    expect(plausible(health, plan, later)).toBe(health);
    expect(plausible({ ...NEVER_RUN, notBefore: later }, plan, now).notBefore).toBe(now + 66 * MINUTE);
  });

  test.each([
    ["an interval of a minute", every(MINUTE), 66 * MINUTE],
    ["an interval of a day", every(DAY), DAY + 5 * MINUTE],
    ["once a week", { kind: "cron", expression: "0 3 * * 1", timeZone: "UTC" }, 3 * HOUR + 5 * MINUTE],
    ["a schedule that is over", { kind: "cron", expression: "0 0 30 2 *", timeZone: "UTC" }, 66 * MINUTE],
  ] as const)(
    "no account of %s waits longer than it ever can for a time that was written down by a wrong clock",
    (_what, schedule, most) => {
      // A Monday.
      const now = Date.parse("2026-03-02T00:00:00Z");
      for (const ahead of [DAY * 2, 400 * DAY, 10_000 * DAY]) {
        for (const wrong of [
          { notBefore: now + ahead },
          { lastSuccess: now + ahead },
          { lastRun: now + ahead },
        ]) {
          const health = plausible({ ...NEVER_RUN, ...wrong, failures: 1 }, { schedule, leastGapMs: 0 }, now);
          expect(health.notBefore).toBeLessThanOrEqual(now + most);
          expect(health.lastRun ?? 0).toBeLessThanOrEqual(now);
          expect(health.lastSuccess ?? 0).toBeLessThanOrEqual(now);
          const due = firstDue(health, { schedule, leastGapMs: 0 }, now, 0.99) ?? Number.NaN;
          expect(due).toBeLessThanOrEqual(now + most);
        }
      }
    },
  );

  test("a week until the next time is no fault where the schedule is once a week", () => {
    const plan: Plan = {
      schedule: { kind: "cron", expression: "0 3 * * 1", timeZone: "UTC" },
      leastGapMs: 0,
    };
    const now = Date.parse("2026-03-02T04:00:00Z");
    const due = now + 7 * DAY - HOUR;
    const health = { ...NEVER_RUN, lastRun: now, notBefore: due, refusals: 1 };
    expect(plausible(health, plan, now)).toBe(health);
    expect(firstDue({ ...NEVER_RUN, lastRun: now, lastSuccess: now }, plan, now, 0)).toBe(due);
  });

  test("a server's wish for a pause between logins is kept for a day at most", () => {
    const plan: Plan = { schedule: every(MINUTE), leastGapMs: 0 };
    const now = Date.parse("2026-03-02T00:00:00Z");
    const told = { ...NEVER_RUN, loginDelayMs: 400 * DAY };
    const end = ended(begun(told, plan, now), plan, { kind: "ended" }, { now, random: 0, digest: DIGEST });
    expect(end.due).toBe(now + DAY);
    expect(plausible({ ...told, notBefore: now + 400 * DAY }, plan, now).notBefore).toBe(now + 1.1 * DAY);
  });

  test("a queue whose timers never come is late, one that does its work never is", async () => {
    const clock = new SimulatedClock("2026-03-02T00:00:00Z");
    const stopped = { now: () => clock.now(), random: () => 0, callAt: () => () => {} };
    const [hanging, working] = [
      new TimerQueue({ all: 1, perHost: 1 }, stopped),
      new TimerQueue({ all: 1, perHost: 1 }, clock),
    ];
    for (const queue of [hanging, working]) {
      await queue.start(async () => clock.now() + MINUTE);
      await queue.put({ name: "ann", host: "one", due: clock.now() + MINUTE, everyMs: MINUTE });
      await queue.put({ name: "ben", host: "one", due: clock.now() + MINUTE, everyMs: MINUTE });
    }
    expect([hanging.lateMs, working.lateMs]).toEqual([0, 0]);
    await clock.pass(10 * MINUTE);
    expect(hanging.lateMs).toBe(9 * MINUTE);
    expect(working.lateMs).toBe(0);
  });

  test("two hundred accounts of one host keep to its bound, and each has its turn", async () => {
    const day = new SimulatedDay({ all: 20, perHost: 3 });
    const names = Array.from({ length: 200 }, (_, n) => `user${n}`);
    await day.begin(
      ...names.map((name) => ({ name, host: "one", schedule: every(10 * MINUTE), server: () => fine })),
    );
    await day.clock.pass(4 * HOUR);
    expect(day.most).toBe(3);
    for (const name of names) expect(Math.max(...day.pauses(name))).toBeLessThan(15 * MINUTE);
  });

  test("new mail on one account does not wait for the slow ones", async () => {
    const day = new SimulatedDay({ all: 8, perHost: 8 });
    const slow = Array.from({ length: 40 }, (_, n) => ({
      name: `slow${n}`,
      schedule: every(MINUTE),
      server: () => ({ result: fine, ms: 10 * MINUTE }),
    }));
    await day.begin(...slow, { name: "ann", schedule: every(MINUTE), server: () => fine });
    await day.clock.pass(DAY);
    const late = day.pauses("ann").slice(20);
    expect(late.length).toBeGreaterThan(1000);
    expect(Math.max(...late)).toBeLessThan(2 * MINUTE);
  });
});
