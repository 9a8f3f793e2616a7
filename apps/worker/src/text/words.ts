import type { AccountReport } from "@mailonce/runtime";
import { shellWord } from "@mailonce/runtime/config";
import type { Pause } from "@mailonce/runtime/service";

/** What is said if the queue begins no run any more. */
export const HANGING = "the queue hangs: accounts are due, there is room for them, and none is begun";

/** How many names are told at most. */
const MOST_NAMES = 10;

/** What a run came to, for people: `2 stored, 7 known`. */
export function inWords({ counts, left }: AccountReport): string {
  const parts = [`${counts.stored} stored`, `${counts.known} known`];
  if (counts.skipped > 0) parts.push(`${counts.skipped} skipped`);
  if (counts.waiting > 0) parts.push(`${counts.waiting} waiting`);
  if (counts.rebound > 0) parts.push(`${counts.rebound} known under another unique-id`);
  if (counts.deferred > 0) parts.push(`${counts.deferred} deferred`);
  if (counts.failed > 0) parts.push(`${counts.failed} failed`);
  if (left + counts.new > 0) parts.push(`${left + counts.new} more new`);
  return parts.join(", ");
}

/** A pause for people: `40 s`, `5 min`, `2 h`. */
export function pauseInWords(ms: number): string {
  if (ms < 90_000) return `${Math.max(0, Math.round(ms / 1000))} s`;
  if (ms < 90 * 60_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}

/** `1 account`, `3 accounts`. */
export function accountsInWords(count: number): string {
  return `${count} account${count === 1 ? "" : "s"}`;
}

/** Names for people: all, or the first of them and how many more there are. */
export function namesInWords(names: readonly string[]): string {
  const left = names.length - MOST_NAMES;
  return left <= 0 ? names.join(", ") : `${names.slice(0, MOST_NAMES).join(", ")} and ${left} more`;
}

/** Why an account is paused, and what ends that. */
export function pausedInWords(maildrop: string, code: Pause["code"], reason: string): string {
  const resume = `'mailonce accounts resume ${shellWord(maildrop)}'`;
  const byHand = "paused by hand";
  if (code !== "by-hand") return `paused until its settings change, or ${resume}: ${reason}`;
  return `${byHand}${reason === byHand ? "" : `: ${reason}`}; ${resume} ends it`;
}
