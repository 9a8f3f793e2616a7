import { compileCriteria } from "@mailonce/core";
import type { AccountSettings } from "../account/settings.ts";
import { noteAddress, refuseToFetchAgain } from "../ledger/rename-maildrop.ts";
import { LoginMemory } from "../login/login-memory.ts";
import { profileOf } from "../profiles/profile.ts";
import { accountFailure } from "../run/account-failure.ts";
import { runOptions } from "../run/account-options.ts";
import { notRun } from "../run/account-run.ts";
import {
  type AccountHealth,
  begun,
  ended,
  firstDue,
  NEVER_RUN,
  plausible,
  resumed,
} from "../schedule/account-health.ts";
import { runResult } from "../schedule/run-result.ts";
import { KnownOffer } from "../session/known-offer.ts";
import { type Clock, systemClock } from "../system/clock.ts";
import { HealthBatch } from "./health-batch.ts";
import { loginDigest } from "./login-digest.ts";
import { type Served, type ServedRunParts, servedRun } from "./served-run.ts";
import { allHealth } from "./stored-health.ts";
import { usedLogin } from "./used-login.ts";

export interface AccountServiceParts extends Omit<ServedRunParts, "logins"> {
  readonly clock?: Clock;
}

/** How often a paused account is looked at: somebody may have resumed it, or changed its password. */
const LOOK_AGAIN_MS = 5000;
/** How often it is looked whether a login is still the one that is in doubt. */
const DOUBT_LOOK_MS = 5 * 60_000;
/** After a fault of the database before a run could begin. */
const DATABASE_PAUSE_MS = 5000;

/** Runs accounts when a queue says so, and says when each is due again. How their runs have gone is kept in the database. */
export class AccountService {
  readonly #parts: AccountServiceParts;
  readonly #clock: Clock;
  readonly #health: HealthBatch;
  readonly #logins: LoginMemory;
  readonly #served = new Map<string, Served>();
  /** Of all accounts, with a schedule or without. */
  readonly #maildrops = new Set<string>();
  /** Whose addresses the database knows. */
  readonly #noted = new WeakSet<Served>();

  constructor(parts: AccountServiceParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    this.#health = new HealthBatch(parts.store.standings);
    this.#logins = new LoginMemory(
      async () => parts.store.logins,
      () => this.#clock.now(),
      "later",
    );
  }

  /** Serves the account from its next run on. Gives false if it has no schedule. @throws CriteriaSyntaxError */
  serve(settings: AccountSettings): boolean {
    const { account, schedule, profile, where } = settings;
    this.#maildrops.add(account.maildrop);
    if (schedule === undefined) return false;
    const plan = { schedule, leastGapMs: profileOf(profile).loginIntervalMs ?? 0 };
    this.#served.set(account.maildrop, {
      settings,
      plan,
      options: runOptions(settings, where === undefined ? null : compileCriteria(where)),
      offer: new KnownOffer(),
    });
    return true;
  }

  /** Serves the account no more. A run under way goes on. */
  drop(maildrop: string): void {
    this.#served.delete(maildrop);
    this.#maildrops.delete(maildrop);
  }

  /** Writes down what was kept back: to be called at the end. Does not throw. */
  flush(): Promise<void> {
    return this.#health.flush();
  }

  /** When each of these accounts is due first. @throws the store's errors */
  async firstDue(maildrops: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const standings = await allHealth(this.#parts.store.standings);
    const now = this.#clock.now();
    return new Map(
      maildrops.flatMap((maildrop) => {
        const served = this.#served.get(maildrop);
        if (served === undefined) return [];
        const health = plausible(standings.get(maildrop) ?? NEVER_RUN, served.plan, now);
        return [[maildrop, firstDue(health, served.plan, now, this.#clock.random()) ?? now]];
      }),
    );
  }

  /** Makes one run, if it may by now. Gives when the account is due again; null: it is not served. Does not throw. */
  readonly run = async (maildrop: string): Promise<number | null> => {
    const served = this.#served.get(maildrop);
    if (served === undefined) return null;
    try {
      const stored = await this.#health.find(maildrop);
      let health = plausible(stored, served.plan, this.#clock.now());
      if (health.pause !== null) {
        if (!(await this.#isOver(health, served))) return this.#clock.now() + LOOK_AGAIN_MS;
        health = resumed(health);
        // Others see it at once, however long the run takes.
        await this.#health.put(maildrop, health);
        this.#parts.observer?.resumed?.(served.settings);
      }
      if (health.notBefore > this.#clock.now() && (await this.#hasAnotherLogin(health, served)))
        health = resumed(health);
      // Another worker was quicker, or the queue too early.
      if (health.notBefore > this.#clock.now()) return this.#nextLook(health);
      health = begun(health, served.plan, this.#clock.now());
      if (health.lastSuccess === null)
        await refuseToFetchAgain(this.#parts.store, served.settings, this.#maildrops);
      // Where the server asks for nothing, a run that dies unseen is only made again.
      if (health.notBefore > this.#clock.now()) await this.#put(maildrop, health);
      return await this.#run(served, health);
    } catch (error) {
      const { account } = served.settings;
      const report = { maildrop, ...notRun(accountFailure(error, account)) };
      const due = this.#clock.now() + DATABASE_PAUSE_MS;
      const end = { report, result: runResult(report, null), began: false, ms: 0, octets: 0 };
      this.#parts.observer?.ended?.(served.settings, { ...end, health: NEVER_RUN, due });
      return due;
    }
  };

  async #run(served: Served, before: AccountHealth): Promise<number | null> {
    const { settings, plan } = served;
    const { observer } = this.#parts;
    const { maildrop } = settings.account;
    const began = this.#clock.now();
    observer?.began?.(settings);
    const { report, result, octets, loginDelayMs, hasNoted } = await servedRun(served, before, {
      ...this.#parts,
      logins: this.#logins,
    });
    const canPause = result.kind === "refused" || result.kind === "held";
    const digest = canPause ? await loginDigest(settings, this.#parts) : new Uint8Array(32);
    const now = this.#clock.now();
    const random = this.#clock.random();
    const { health, due } = ended({ ...before, loginDelayMs }, plan, result, { now, random, digest });
    const canWait = result.kind === "ended" && before.failures + before.refusals === 0;
    try {
      if (canWait && health.notBefore <= now) this.#health.putSoon(maildrop, health);
      else await this.#put(maildrop, health);
    } finally {
      // After it: who is told may look into the database.
      observer?.ended?.(settings, { began: true, report, result, octets, ms: now - began, health, due });
    }
    if (hasNoted) this.#noted.add(served);
    if (report.error === null) await this.#note(served);
    return due === null ? now + LOOK_AGAIN_MS : this.#nextLook(health, due);
  }

  async #put(maildrop: string, health: AccountHealth): Promise<void> {
    // The row that the health is written to: the first run may not have come to making it.
    if (health.lastSuccess === null) await this.#parts.store.openMaildrop(maildrop);
    await this.#health.put(maildrop, health);
  }

  async #note(served: Served): Promise<void> {
    if (this.#noted.has(served)) return;
    if (await noteAddress(this.#parts.store, served.settings.account)) this.#noted.add(served);
  }

  /** Whether the account waits because its login is in doubt, and has another login by now. */
  async #hasAnotherLogin({ refusals }: AccountHealth, { settings }: Served): Promise<boolean> {
    if (refusals === 0) return false;
    const used = await usedLogin(settings, this.#parts);
    return used !== null && this.#logins.isAnother(used);
  }

  /** When the account is to be run or looked at again. */
  #nextLook({ refusals, notBefore }: AccountHealth, due = notBefore): number {
    return refusals === 0 ? due : Math.min(due, this.#clock.now() + DOUBT_LOOK_MS);
  }

  async #isOver({ pause }: AccountHealth, { settings }: Served): Promise<boolean> {
    if (pause === null) return true;
    if (pause.digest === null) return false;
    return Buffer.compare(await loginDigest(settings, this.#parts), pause.digest) !== 0;
  }
}
