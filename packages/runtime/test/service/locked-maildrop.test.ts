import { InMemorySpool } from "@mailonce/core/memory";
import { type Pop3Server, startPop3Server } from "@mailonce/testkit";
import { describe, expect, test } from "vitest";
import type { AccountSettings, Schedule } from "../../src/account/settings.ts";
import { AccountService } from "../../src/service/account-service.ts";
import type { RunEnd } from "../../src/service/observers.ts";
import { resume } from "../../src/service/pause-by-hand.ts";
import { findHealth } from "../../src/service/stored-health.ts";
import { account, freshStore } from "../oauth2/surroundings.ts";
import { SimulatedClock } from "./simulated-clock.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Store = Awaited<ReturnType<typeof freshStore>>;

/** Workers on one database that serve one account, at the pace of a simulated clock. */
class Workers {
  readonly clock = new SimulatedClock("2026-03-02T00:00:00Z");
  readonly ends: RunEnd[] = [];
  /** When each login was tried, in ms since the beginning. */
  readonly logins: number[] = [];
  readonly #start = this.clock.now();
  readonly #services: AccountService[];

  readonly #store: Store;

  constructor(store: Store, settings: AccountSettings, env: Record<string, string>, count = 1) {
    this.#store = store;
    this.#services = Array.from({ length: count }, () => this.#service(settings, env));
  }

  #service(settings: AccountSettings, env: Record<string, string>): AccountService {
    const service = new AccountService({
      store: this.#store,
      spool: new InMemorySpool(),
      env,
      signal: new AbortController().signal,
      clock: this.clock,
      observer: {
        ended: (_settings, end) => this.ends.push(end),
        loggedIn: () => this.logins.push(this.time),
      },
    });
    service.serve(settings);
    return service;
  }

  /** Lets the workers have their turns, whenever they say that it is time. */
  async pass(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    for (let turn = 0; this.clock.now() < end; turn++) {
      const service = this.#services[turn % this.#services.length];
      const due = (await service?.run("work")) ?? end;
      await service?.flush();
      // A paused account is looked at every few seconds, which the day does not wait for.
      if ((await this.health()).pause !== null) return this.clock.pass(end - this.clock.now());
      await this.clock.pass(Math.max(1, Math.min(due, end) - this.clock.now()));
    }
  }

  /** In ms since the beginning. */
  get time(): number {
    return this.clock.now() - this.#start;
  }

  health() {
    return findHealth(this.#store.standings, "work");
  }
}

function settingsFor(server: Pop3Server, schedule: Schedule): AccountSettings {
  const bare = account("work");
  const { port } = server;
  return {
    ...bare,
    account: { ...bare.account, maildrop: "work", user: "alice", host: "127.0.0.1", port, tls: "none" },
    login: { kind: "password", source: { kind: "env", name: "PASSWORD" } },
    schedule,
  };
}

const refuse = (server: Pop3Server): void => {
  server.maildrop.behaviour.refusals = { PASS: "-ERR maildrop already locked" };
};
const admit = (server: Pop3Server): void => {
  delete server.maildrop.behaviour.refusals;
};

describe("a maildrop that is locked without a response code", () => {
  test.each([
    ["by one worker", 1, MINUTE],
    ["by three workers", 3, MINUTE],
    ["by one that comes once a day", 1, DAY],
  ])("is tried %s at most twelve times in a day, then paused", async (_who, count, interval) => {
    await using server = await startPop3Server();
    const settings = settingsFor(server, { kind: "interval", ms: interval });
    const workers = new Workers(await freshStore(), settings, { PASSWORD: "secret" }, count);
    await workers.pass(1);
    refuse(server);
    await workers.pass(2 * MINUTE);
    const first = workers.logins[1] ?? Number.NaN;
    await workers.pass(first + DAY - 6 * MINUTE - workers.time);
    const inTime = workers.logins.slice(1);
    expect(inTime.length).toBeLessThanOrEqual(12);
    expect(inTime.length).toBeGreaterThanOrEqual(11);
    expect((await workers.health()).pause).toBeNull();
    // The first hours: after 5, 10, 20, 40 minutes, then every hour.
    const pauses = inTime.slice(1, 8).map((login, n) => (login - (inTime[n] ?? 0)) / MINUTE);
    for (const [n, least] of [5, 10, 20, 40, 60, 60, 60].entries()) {
      expect(pauses[n]).toBeGreaterThanOrEqual(least);
      expect(pauses[n]).toBeLessThanOrEqual(1.1 * least + 0.1);
    }
    for (const { result, report } of workers.ends.slice(1))
      expect([result.kind, report.ending]).toEqual(["busy", "busy"]);

    await workers.pass(3 * DAY);
    expect(workers.logins.slice(1).length).toBeLessThanOrEqual(12);
    expect((await workers.health()).pause).toMatchObject({
      code: "login-refused",
      reason: expect.stringMatching(/another program may be using the maildrop, or the password was changed/),
    });
    expect(workers.ends.at(-1)).toMatchObject({ report: { ending: "denied" }, due: null });
  });

  test("is served as before when the lock is gone, and has its whole time when it is locked again", async () => {
    await using server = await startPop3Server();
    const settings = settingsFor(server, { kind: "interval", ms: 10 * MINUTE });
    const workers = new Workers(await freshStore(), settings, { PASSWORD: "secret" });
    await workers.pass(1);
    for (let n = 0; n < 3; n++) {
      refuse(server);
      await workers.pass(10 * HOUR);
      admit(server);
      server.maildrop.deliver(Buffer.from(`Subject: ${n}\r\n\r\n${n}\r\n`));
      await workers.pass(5.5 * HOUR);
      expect(workers.ends.at(-1)).toMatchObject({ result: { kind: "ended" }, report: { ending: "done" } });
      expect((await workers.health()).refusals).toBe(0);
    }
    expect(server.count("RETR")).toBe(3);
  });

  test("is tried with another password within minutes; and anew when a person resumes it", async () => {
    await using server = await startPop3Server();
    const settings = settingsFor(server, { kind: "interval", ms: MINUTE });
    const env = { PASSWORD: "secret" };
    const store = await freshStore();
    const workers = new Workers(store, settings, env);
    await workers.pass(1);
    refuse(server);
    await workers.pass(9 * HOUR);
    const before = workers.logins.length;
    await workers.pass(6 * MINUTE);
    expect(workers.logins).toHaveLength(before);
    server.addAccount("alice", "another", server.maildrop);
    admit(server);
    env.PASSWORD = "another";
    await workers.pass(6 * MINUTE);
    expect(workers.ends.at(-1)).toMatchObject({ result: { kind: "ended" } });

    refuse(server);
    await workers.pass(2 * DAY);
    expect((await workers.health()).pause).not.toBeNull();
    await resume(store, "work");
    await workers.pass(MINUTE);
    expect((await workers.health()).pause).toBeNull();
    expect(workers.ends.at(-1)).toMatchObject({ result: { kind: "busy" }, report: { ending: "busy" } });
  });

  test("that never let this login in is paused after three refusals, as ever", async () => {
    await using server = await startPop3Server();
    refuse(server);
    const settings = settingsFor(server, { kind: "interval", ms: MINUTE });
    const workers = new Workers(await freshStore(), settings, { PASSWORD: "secret" });
    await workers.pass(DAY);
    expect(workers.logins).toHaveLength(3);
    expect((await workers.health()).pause?.reason).toMatch(/check user and password/);
  });
});
