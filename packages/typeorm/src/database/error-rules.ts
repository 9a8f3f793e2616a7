import { type MailonceError, StoreUnavailableError } from "@mailonce/core";

/** What is known of an error that a driver or TypeORM threw. */
export interface ErrorFacts {
  readonly code: string;
  readonly errno: number;
  /** True if mysql2 says that the connection is gone. */
  readonly fatal: boolean;
  /** For comparison only; never handed on as a whole: it may quote a row. */
  readonly message: string;
}

/** Which errors become which one of the core's. `place` is where the store is; `facts` may be quoted only in parts that are known. */
export interface Rule {
  readonly matches: (facts: ErrorFacts) => boolean;
  readonly make: (place: string, cause: Error, facts: ErrorFacts) => MailonceError;
}

/** One of these codes. */
export const codes =
  (...names: readonly string[]) =>
  ({ code }: ErrorFacts) =>
    names.includes(code);
/** A code that begins so. */
export const prefixes =
  (...names: readonly string[]) =>
  ({ code }: ErrorFacts) =>
    names.some((name) => code.startsWith(name));
/** One of the server's numbers. */
export const errnos =
  (...numbers: readonly number[]) =>
  ({ errno }: ErrorFacts) =>
    numbers.includes(errno);
/** The store is unavailable: `sentence` goes on after its place. */
export const unavailable = (sentence: string) => (place: string, cause: Error) =>
  new StoreUnavailableError(`${place} ${sentence}`, { cause });
