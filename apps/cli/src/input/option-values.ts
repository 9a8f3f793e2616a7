import { parseDuration, parseOctets } from "@mailonce/runtime/units";
import { InvalidArgumentError } from "commander";

const MAX_CONCURRENCY = 1000;

/** Reads `--limit 10`. @throws InvalidArgumentError */
export function positiveInteger(text: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new InvalidArgumentError("It must be a whole number from 1.");
  return value;
}

/** `--concurrency 8`: as in the accounts file. */
export function concurrency(text: string): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > MAX_CONCURRENCY)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_CONCURRENCY}.`);
  return value;
}

/** `--max-octets 25M`: octets; k, M and G stand for powers of 1024. */
export function octetNumber(text: string): number {
  const octets = parseOctets(text);
  if (octets === null)
    throw new InvalidArgumentError("It must be a whole number from 1, also with k, M or G after it.");
  return octets;
}

/** `--timeout 30s`, and `--timeout 30`, which are seconds: milliseconds. */
export function durationMs(text: string): number {
  const ms = parseDuration(/^\d+$/.test(text) ? `${text}s` : text);
  if (ms === null)
    throw new InvalidArgumentError("It must be seconds, or a duration such as 30s, 5m or 1h30m, above zero.");
  return ms;
}

/** `--wait`, `--wait 30` and `--wait 5m`: milliseconds. */
export function waitMs(text: string): number | "ever" {
  if (text === "") return "ever";
  return /^0+(?:ms|s|m|h|d)?$/.test(text) ? 0 : durationMs(text);
}

/**
 * Gives `--wait` a value of its own where no number follows: commander takes whatever comes next for it, and that is
 * the URL in `fetch --wait pop3s://…`.
 */
export function withWaitValue(argv: readonly string[]): string[] {
  const end = argv.indexOf("--");
  return argv.map((word, at) => {
    const isOption = word === "--wait" && (end < 0 || at < end);
    return isOption && !/^\d/.test(argv[at + 1] ?? "") ? "--wait=" : word;
  });
}
