import {
  ContentRefusedError,
  DuplicateKeyError,
  MailonceError,
  StoreUnavailableError,
  TransactionConflictError,
} from "@mailonce/core";

/** What is known of an error that a driver, TypeORM or the system threw. */
export interface ErrorFacts {
  /** The driver's or the system's name for it; empty if it has none. */
  readonly code: string;
  /** The server's or the system's number for it; 0 if it has none. */
  readonly errno: number;
  /** True if mysql2 says that the connection is gone. */
  readonly fatal: boolean;
  /** For comparison only; never handed on as a whole: it may quote a row. */
  readonly message: string;
}

/** Which errors become which one of the core's. */
export interface Rule {
  readonly matches: (facts: ErrorFacts) => boolean;
  readonly make: ErrorMaker;
}

/** Makes the core's error. `place` is where the store is; of `facts` only parts may be quoted that are known to hold no row. */
type ErrorMaker = (place: string, cause: Error, facts: ErrorFacts) => MailonceError;

/** Makes the core's error for what a driver threw; `place` says where the store is, for people and without password. */
export type ErrorReader = (error: unknown, place: string) => MailonceError;

/**
 * An {@link ErrorReader} that goes by the first rule that matches; what no rule matches is `store-failed`.
 *
 * The cause of the core's error keeps code and errno only: a driver's error may hold the statement and its parameters, so
 * the mail itself, and its message may quote a row.
 */
export function storeErrors(rules: readonly Rule[]): ErrorReader {
  return (error, place) => {
    if (error instanceof MailonceError) return error;
    const facts = factsOf(error);
    const cause = cleanCause(facts);
    const rule = rules.find(({ matches }) => matches(facts));
    if (rule !== undefined) return rule.make(place, cause, facts);
    return new MailonceError("store-failed", `${place} failed: ${cause.message}.`, { cause });
  };
}

/** What is known of an error; TypeORM's errors have the driver's inside. */
export function factsOf(error: unknown): ErrorFacts {
  const outer = error as { driverError?: unknown } | null | undefined;
  const inner = (outer?.driverError ?? outer ?? {}) as Record<string, unknown>;
  const { code, errno, fatal, message } = inner;
  return {
    code: typeof code === "string" ? code : "",
    errno: typeof errno === "number" ? errno : 0,
    fatal: fatal === true,
    message: typeof message === "string" ? message : "",
  };
}

function cleanCause({ code, errno }: ErrorFacts): Error {
  const named = [code || "unknown error", ...(errno === 0 ? [] : [String(errno)])].join(" ");
  return Object.assign(new Error(named), { code: code || null, errno });
}

/** Matches one of these codes. */
export const codes =
  (...names: readonly string[]) =>
  ({ code }: ErrorFacts) =>
    names.includes(code);
/** Matches a code that begins with one of these. */
export const prefixes =
  (...names: readonly string[]) =>
  ({ code }: ErrorFacts) =>
    names.some((name) => code.startsWith(name));
/** Matches one of these numbers. */
export const errnos =
  (...numbers: readonly number[]) =>
  ({ errno }: ErrorFacts) =>
    numbers.includes(errno);

/** The store is unavailable: `sentence` goes on after its place. */
export const unavailable =
  (sentence: string): ErrorMaker =>
  (place, cause) =>
    new StoreUnavailableError(`${place} ${sentence}`, { cause });
export const duplicateKey: ErrorMaker = (place, cause) =>
  new DuplicateKeyError(`${place} already has a row with this key.`, { cause });
export const conflict: ErrorMaker = (place, cause) =>
  new TransactionConflictError(`${place} broke off a transaction that stood in another one's way.`, {
    cause,
  });
export const contentRefused: ErrorMaker = (place, cause) =>
  new ContentRefusedError(`${place} cannot hold this message's data.`, { cause });
/** A table or a column is missing. */
export const outdated: ErrorMaker = (place, cause) =>
  new MailonceError(
    "store-outdated",
    `${place} lacks a table or column of the store: run 'mailonce database migrate', or your DataSource's migrations.`,
    { cause },
  );
/** Also for who only reads: SQLite keeps files beside a WAL database. */
export const readOnlyFile = unavailable(
  "is read-only: nothing can be stored in it; to read it, copy it to a folder that you can write to.",
);
export const full = unavailable("is full: make room on its disk.");
export const notOpened = unavailable(
  "cannot be opened: check the path, and the rights on it and on its folder.",
);

/** What the system says of networks and files, whatever the database. */
export const SYSTEM_RULES: readonly Rule[] = [
  { matches: codes("ECONNREFUSED"), make: unavailable("refuses connections: is the server running there?") },
  { matches: codes("ENOTFOUND", "EAI_AGAIN"), make: unavailable("cannot be found: check the host's name.") },
  {
    matches: codes("ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN"),
    make: unavailable("cannot be reached: check host, port and network."),
  },
  { matches: codes("EROFS"), make: readOnlyFile },
  { matches: codes("ENOSPC", "EDQUOT"), make: full },
  { matches: codes("EACCES", "EPERM", "ENOENT", "ENOTDIR", "EISDIR", "EEXIST"), make: notOpened },
];
