import { Cron } from "croner";
import type { Schedule } from "../account/settings.ts";

/** The delay at random is at most this part of the time between two runs, */
const JITTER = 0.1;
/** and at most this long. */
const MAX_JITTER_MS = 5 * 60_000;

/**
 * When a run is due that follows one which ended at `after` (ms since 1970): never earlier than the schedule says, and a
 * little later, so that accounts of one schedule do not log in all at once.
 *
 * @param random at least 0, less than 1
 */
export function nextTime(schedule: Schedule, after: number, random: number): number {
  if (schedule.kind === "interval") return after + schedule.ms + jitter(schedule.ms, random);
  const { expression, timeZone } = schedule;
  const cron = new Cron(expression, timeZone === null ? {} : { timezone: timeZone });
  const [next, following] = cron.nextRuns(2, new Date(after));
  // A schedule that is over (a date in the past) is never due.
  if (next === undefined) return Number.POSITIVE_INFINITY;
  const gap = following === undefined ? 60_000 : following.getTime() - next.getTime();
  return next.getTime() + jitter(gap, random);
}

/** A little more, at random, of a time of `ms`. */
export function jitter(ms: number, random: number): number {
  return Math.floor(Math.min(JITTER * ms, MAX_JITTER_MS) * random);
}
