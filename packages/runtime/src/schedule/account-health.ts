import type { Schedule } from "../account/settings.ts";
import { boundedLoginDelay } from "../login/login-delay.ts";
import { DOUBT_LOGINS, DOUBT_MS, type LoginDoubt } from "../login/login-doubt.ts";
import { jitter, nextTime } from "./next-time.ts";
import type { RunResult } from "./run-result.ts";

/** How an account's runs have gone, and when the next may be. Times are in milliseconds since 1970. */
export interface AccountHealth {
  /** There is no login before that; 0: there may be one at any time. */
  readonly notBefore: number;
  /** When the last run ended, or began if it has not ended; null before the first. */
  readonly lastRun: number | null;
  /** When a run last saw the maildrop through to the end. */
  readonly lastSuccess: number | null;
  /** Runs in a row that network or server failed. */
  readonly failures: number;
  /** Logins in a row that were refused without a reason. */
  readonly refusals: number;
  /** What the server wants between two logins, in ms, as far as it said or was learnt; 0 if nothing. */
  readonly loginDelayMs: number;
  readonly pause: Pause | null;
}

/** The kinds of pauses. */
export const PAUSE_CODES = ["login-refused", "same-mailbox", "by-hand"] as const;

/** Why the account is not run until somebody changes something. */
export interface Pause {
  readonly code: (typeof PAUSE_CODES)[number];
  /** For people. */
  readonly reason: string;
  /** A digest of the login settings under which it was paused: other settings end the pause. Null: only a person ends it. */
  readonly digest: Uint8Array | null;
}

/** What decides when an account is due, besides how its runs have gone. */
export interface Plan {
  readonly schedule: Schedule;
  /** What the provider is known to want between two logins, in ms. */
  readonly leastGapMs: number;
}

/** The health of an account that had no run yet. */
export const NEVER_RUN: AccountHealth = {
  notBefore: 0,
  lastRun: null,
  lastSuccess: null,
  failures: 0,
  refusals: 0,
  loginDelayMs: 0,
  pause: null,
};

/** So many logins may be refused without a reason before the account is paused. */
export const MAX_REFUSALS = 3;

const MINUTE = 60_000;
/** After the first failure of a run that is not due again so soon; doubled by each further one. */
const FIRST_BACK_OFF_MS = MINUTE;
/** Back-off ends here, or at the interval if that is longer. */
const MAX_BACK_OFF_MS = 60 * MINUTE;
/** After a login that was refused without a reason. It is long, because the server may have locked the account. */
const REFUSED_BACK_OFF_MS = 5 * MINUTE;
/**
 * While a login is in doubt, so many attempts follow each other at the pace of a back-off of at most an hour. The others
 * are spread over the rest of the time until the doubt is over.
 */
const PACED_DOUBTS = 8;
/** The longest of these pauses. */
const LONGEST_DOUBT_MS = DOUBT_MS / (DOUBT_LOGINS - PACED_DOUBTS);
/** The pause where a server wants one between logins and does not say how long. */
const UNTOLD_LOGIN_DELAY_MS = MINUTE;
/** After a fault on this side. */
const LOCAL_PAUSE_MS = 5000;
/** A busy maildrop is tried again after so long at the latest, however rare its runs are. */
const BUSY_PAUSE_MS = 5 * MINUTE;
/** The same where another Mailonce holds the lease: it may be dead, and its lease expires within 60 seconds. */
const LEASED_PAUSE_MS = 20_000;

/**
 * When the account is due first in this process, in milliseconds since 1970: at once if it was never run; null while it
 * is paused.
 * @param random at least 0, less than 1
 */
export function firstDue(health: AccountHealth, plan: Plan, now: number, random: number): number | null {
  if (health.pause !== null) return null;
  const { lastRun, failures, refusals, notBefore } = health;
  const isBackingOff = failures + refusals > 0;
  // A schedule by the clock begins with its next time, one by intervals with the first chance.
  const from = lastRun ?? (plan.schedule.kind === "cron" ? now : null);
  const due = isBackingOff || from === null ? now : nextTime(plan.schedule, from, random);
  return Math.max(now, due, notBefore);
}

/**
 * Corrects what a clock that was wrong has written down. Where the clock was set back since then, or another worker's is
 * ahead, no account waits for that time to come again, nor longer than it ever waits by its schedule.
 */
export function plausible(health: AccountHealth, plan: Plan, now: number): AccountHealth {
  const { lastRun, lastSuccess } = health;
  // A run cannot have ended in the future: by so much the clock is behind the one that wrote the time down.
  const behind = Math.max(0, (lastRun ?? 0) - now, (lastSuccess ?? 0) - now);
  const stored = health.notBefore - behind;
  const notBefore = stored <= now ? stored : Math.min(stored, latest(health, plan, now));
  if (behind === 0 && notBefore === health.notBefore) return health;
  return {
    ...health,
    lastRun: lastRun === null ? null : lastRun - behind,
    lastSuccess: lastSuccess === null ? null : lastSuccess - behind,
    notBefore,
  };
}

/** The latest time that a run which has ended by now can make the account wait for. */
function latest(health: AccountHealth, plan: Plan, now: number): number {
  const scheduled = nextTime(plan.schedule, now, 1);
  const doubted = health.refusals > 0 ? LONGEST_DOUBT_MS : 0;
  const backOff = now + 1.1 * Math.max(gapOf(health, plan), MAX_BACK_OFF_MS, doubted);
  return Number.isFinite(scheduled) ? Math.max(scheduled, backOff) : backOff;
}

/** The health once a run has begun. Should this process die during the run, the server still gets its pause between logins. */
export function begun(health: AccountHealth, plan: Plan, now: number): AccountHealth {
  return { ...health, lastRun: now, notBefore: now + gapOf(health, plan) };
}

/**
 * The health once a run has ended, and when the account is due again; null: not until its pause ends.
 * @param digest of the login settings that the run used
 */
export function ended(
  before: AccountHealth,
  plan: Plan,
  result: RunResult,
  { now, random, digest }: { readonly now: number; readonly random: number; readonly digest: Uint8Array },
): { readonly health: AccountHealth; readonly due: number | null } {
  const after = { ...before, lastRun: now, notBefore: now + gapOf(before, plan) };
  const onSchedule = nextTime(plan.schedule, now, random);
  const wait = (health: AccountHealth, due: number) => {
    const notBefore = Math.max(health.notBefore, due);
    return { health: { ...health, notBefore }, due: notBefore };
  };
  switch (result.kind) {
    case "ended": {
      const health = { ...after, lastSuccess: now, failures: 0, refusals: 0 };
      return { health, due: Math.max(onSchedule, health.notBefore) };
    }
    case "interrupted":
      return { health: after, due: Math.max(onSchedule, after.notBefore) };
    case "busy": {
      if (result.doubt !== undefined) {
        const { refusals } = result.doubt;
        return wait({ ...after, refusals }, now + doubtPause(result.doubt, now, random));
      }
      const pause = result.leased ? LEASED_PAUSE_MS : BUSY_PAUSE_MS;
      return { health: after, due: Math.max(after.notBefore, Math.min(onSchedule, now + pause)) };
    }
    case "local":
      return { health: after, due: Math.max(after.notBefore, Math.min(onSchedule, now + LOCAL_PAUSE_MS)) };
    case "held": {
      const pause: Pause = { code: "same-mailbox", reason: result.message, digest };
      return { health: { ...after, pause }, due: null };
    }
    case "trouble": {
      const failures = before.failures + 1;
      return wait({ ...after, failures }, now + backOff(plan.schedule, failures, random));
    }
    case "login-delay": {
      const failures = before.failures + 1;
      const asked = Math.max(gapOf(before, plan), UNTOLD_LOGIN_DELAY_MS);
      const loginDelayMs = Math.min(asked * (before.loginDelayMs < asked ? 1 : 2), MAX_BACK_OFF_MS);
      return wait({ ...after, failures, loginDelayMs }, now + loginDelayMs + jitter(loginDelayMs, random));
    }
    case "refused": {
      const refusals = before.refusals + 1;
      if (!result.certain && refusals < MAX_REFUSALS) {
        const ms = REFUSED_BACK_OFF_MS * 2 ** (refusals - 1);
        return wait({ ...after, refusals }, Math.max(onSchedule, now + ms + jitter(ms, random)));
      }
      const pause: Pause = { code: "login-refused", reason: result.message, digest };
      return { health: { ...after, refusals, pause }, due: null };
    }
  }
}

/** The health once a pause has ended. Failures and refusals are forgotten, what the server wants between logins is not. */
export function resumed(health: AccountHealth): AccountHealth {
  const { lastRun, loginDelayMs } = health;
  const notBefore = Math.min(health.notBefore, (lastRun ?? 0) + loginDelayMs);
  return { ...health, pause: null, failures: 0, refusals: 0, notBefore };
}

function gapOf({ loginDelayMs }: AccountHealth, { leastGapMs }: Plan): number {
  return boundedLoginDelay(Math.max(loginDelayMs, leastGapMs));
}

function doubtPause({ refusals, since }: LoginDoubt, now: number, random: number): number {
  const paced = Math.min(REFUSED_BACK_OFF_MS * 2 ** Math.min(refusals - 1, 20), MAX_BACK_OFF_MS);
  const left = (since + DOUBT_MS - now) / Math.max(DOUBT_LOGINS - refusals, 1);
  const ms = refusals < PACED_DOUBTS ? paced : Math.max(paced, left);
  return ms + jitter(ms, random);
}

function backOff(schedule: Schedule, failures: number, random: number): number {
  const interval = schedule.kind === "interval" ? schedule.ms : FIRST_BACK_OFF_MS;
  const first = Math.min(interval, FIRST_BACK_OFF_MS);
  const ms = Math.min(first * 2 ** Math.min(failures - 1, 20), Math.max(MAX_BACK_OFF_MS, interval));
  const least = Math.max(ms, interval);
  return least + jitter(least, random);
}
