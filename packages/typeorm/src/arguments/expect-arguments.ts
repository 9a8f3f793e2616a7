// Checks of arguments, which every method of the store makes before it does anything: callers may not use TypeScript.
import { ArgumentError } from "./argument-error.ts";

/** Octets that the columns of names hold. */
export const NAME_OCTETS = 512;

export function expectText(argument: string, value: unknown): asserts value is string {
  if (typeof value !== "string") throw new ArgumentError(argument, "a text", value);
}

/** A name that is to be stored: every database must be able to hold it, and to give it back as it was. */
export function expectName(argument: string, value: unknown): asserts value is string {
  if (typeof value === "string" && isName(value)) return;
  throw new ArgumentError(argument, `a text of at most ${NAME_OCTETS} octets in UTF-8, without NUL`, value);
}

/** True for what the columns of names hold. */
export function isName(text: string): boolean {
  return Buffer.byteLength(text) <= NAME_OCTETS && !text.includes("\0") && !/\p{Surrogate}/u.test(text);
}

export function expectTextOrNull(argument: string, value: unknown): asserts value is string | null {
  if (value !== null && typeof value !== "string") throw new ArgumentError(argument, "a text or null", value);
}

export function expectFunction(argument: string, value: unknown): void {
  if (typeof value !== "function") throw new ArgumentError(argument, "a function", value);
}

export function expectObject(argument: string, value: unknown): asserts value is object {
  if (typeof value !== "object" || value === null) throw new ArgumentError(argument, "an object", value);
}

export function expectList(argument: string, value: unknown): asserts value is readonly unknown[] {
  if (!Array.isArray(value)) throw new ArgumentError(argument, "an array", value);
}

export function expectTime(argument: string, value: unknown): asserts value is Date {
  if (!(value instanceof Date) || Number.isNaN(value.getTime()))
    throw new ArgumentError(argument, "a Date", value);
}

export function expectOctets(argument: string, value: unknown): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) throw new ArgumentError(argument, "a Uint8Array", value);
}

export function expectOctetsList(argument: string, value: unknown): void {
  expectList(argument, value);
  const each = `${argument}[…]`;
  for (const one of value) expectOctets(each, one);
}

/** A number of milliseconds, not less than the lowest one if there is one. */
export function expectMilliseconds(
  argument: string,
  value: unknown,
  lowest = Number.NEGATIVE_INFINITY,
): void {
  if (typeof value === "number" && Number.isFinite(value) && value >= lowest) return;
  const bound = Number.isFinite(lowest) ? `, at least ${lowest}` : "";
  throw new ArgumentError(argument, `a number of milliseconds${bound}`, value);
}

/** How many at most: a whole number, 0 included, or Infinity for all. */
export function expectLimit(argument: string, value: unknown): void {
  if (value === Number.POSITIVE_INFINITY || isWhole(value)) return;
  throw new ArgumentError(argument, "a whole number from 0, or Infinity for all", value);
}

export function expectMaildropId(value: unknown): void {
  if (isWhole(value)) return;
  throw new ArgumentError(
    "maildropId",
    "the id of a maildrop, a whole number, as openMaildrop gives it",
    value,
  );
}

/** The error for what is no id of a message. */
export function notMessageId(argument: string, value: unknown): ArgumentError {
  const takes = 'the id of a message, a UUID such as "0190a5b2-7c3d-7e4f-8a1b-2c3d4e5f6071"';
  return new ArgumentError(argument, takes, value);
}

/** One of a few texts. */
export function expectOneOf(argument: string, allowed: readonly string[], value: unknown): void {
  if (typeof value === "string" && allowed.includes(value)) return;
  throw new ArgumentError(argument, allowed.map((one) => JSON.stringify(one)).join(" or "), value);
}

function isWhole(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
