import {
  ContentRefusedError,
  DuplicateKeyError,
  MailonceError,
  TransactionConflictError,
} from "@mailonce/core";
import { SERVER_RULES } from "../mysql/server-rules.ts";
import { codes, type ErrorFacts, errnos, prefixes, type Rule, unavailable } from "./error-rules.ts";

/**
 * The core's error for what a driver or TypeORM threw. The cause keeps code and errno only: a driver's error may hold
 * the statement and its parameters, so the mail itself, and its message may quote a row.
 *
 * @param place where the store is, for the reader; without password
 */
export function storeError(error: unknown, place: string): MailonceError {
  if (error instanceof MailonceError) return error;
  const facts = factsOf(error);
  const cause = cleanCause(facts);
  for (const { matches, make } of RULES) {
    if (matches(facts)) return make(place, cause, facts);
  }
  return new MailonceError("store-failed", `${place} failed: ${cause.message}.`, { cause });
}

/**
 * True if a statement met somebody's lock on the SQLite file, or what the connection's other users have open: a
 * transaction, or rows that they are not done with (better-sqlite3's `iterate`).
 */
export function isBusy(error: unknown): boolean {
  const { code, message } = factsOf(error);
  return (
    code.startsWith("SQLITE_BUSY") ||
    (code === "SQLITE_ERROR" && IN_TRANSACTION.includes(message)) ||
    (code === "" && message === "This database connection is busy executing a query")
  );
}

/** What SQLite says where the connection has a transaction open already. */
const IN_TRANSACTION: readonly string[] = [
  "cannot start a transaction within a transaction",
  "Safety level may not be changed inside a transaction",
];

/** True if the database says that a table does not exist. */
export function isMissingTable(error: unknown): boolean {
  const { code, errno, message } = factsOf(error);
  return errno === 1146 || (code === "SQLITE_ERROR" && message.startsWith("no such table"));
}

/** True if the database says that a column does not exist. */
function isMissingColumn({ code, errno, message }: ErrorFacts): boolean {
  return errno === 1054 || (code === "SQLITE_ERROR" && /^no such column|has no column named/.test(message));
}

/** In this order; the first that matches. Numbers are the server's (ER_*), names the driver's or the system's. */
const RULES: readonly Rule[] = [
  {
    matches: (facts) =>
      errnos(1062, 1586)(facts) || codes("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")(facts),
    make: (place, cause) => new DuplicateKeyError(`${place} already has a row with this key.`, { cause }),
  },
  {
    matches: (facts) => errnos(1213, 1205, 1020)(facts) || prefixes("SQLITE_BUSY", "SQLITE_LOCKED")(facts),
    make: (place, cause) =>
      new TransactionConflictError(`${place} broke off a transaction that stood in another one's way.`, {
        cause,
      }),
  },
  {
    // Packet too large, data too long, out of range, no text of this character set, no datetime, row too large.
    matches: (facts) =>
      errnos(1153, 1301, 1406, 1264, 1366, 1292, 1118)(facts) || codes("SQLITE_TOOBIG")(facts),
    make: (place, cause) => new ContentRefusedError(`${place} cannot hold this message's data.`, { cause }),
  },
  { matches: codes("ECONNREFUSED"), make: unavailable("refuses connections: is the server running there?") },
  { matches: codes("ENOTFOUND", "EAI_AGAIN"), make: unavailable("cannot be found: check the host's name.") },
  {
    matches: codes("ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN"),
    make: unavailable("cannot be reached: check host, port and network."),
  },
  ...SERVER_RULES,
  {
    // Also who only reads: SQLite keeps files beside a WAL database.
    matches: prefixes("SQLITE_READONLY", "EROFS"),
    make: unavailable(
      "is read-only: nothing can be stored in it; to read it, copy it to a folder that you can write to.",
    ),
  },
  {
    matches: codes("SQLITE_FULL", "ENOSPC", "EDQUOT"),
    make: unavailable("is full: make room on its disk."),
  },
  {
    matches: prefixes(
      "SQLITE_CANTOPEN",
      "SQLITE_PERM",
      "EACCES",
      "EPERM",
      "ENOENT",
      "ENOTDIR",
      "EISDIR",
      "EEXIST",
    ),
    make: unavailable("cannot be opened: check the path, and the rights on it and on its folder."),
  },
  {
    matches: prefixes("SQLITE_NOTADB", "SQLITE_CORRUPT"),
    make: unavailable("is damaged, or is no SQLite database."),
  },
  {
    matches: prefixes(
      "SQLITE_PROTOCOL",
      "SQLITE_NOLFS",
      "SQLITE_IOERR_LOCK",
      "SQLITE_IOERR_UNLOCK",
      "SQLITE_IOERR_RDLOCK",
      "SQLITE_IOERR_CHECKRESERVEDLOCK",
      "SQLITE_IOERR_SHM",
    ),
    make: unavailable("cannot be locked: put it on a disk of this machine, not on a network file system."),
  },
  {
    matches: prefixes("SQLITE_IOERR"),
    make: unavailable("cannot be read or written: the disk reports an error."),
  },
  {
    // Shutdown, connection killed, gone away, network errors, and whatever mysql2 calls fatal.
    matches: (facts) =>
      facts.fatal ||
      errnos(1053, 1152, 1158, 1159, 1160, 1161, 1927, 2006, 2013, 4031)(facts) ||
      codes("ECONNRESET", "EPIPE", "PROTOCOL_CONNECTION_LOST")(facts),
    make: unavailable("broke the connection; whether the last change took effect is not known."),
  },
  {
    matches: (facts) => isMissingTable(facts) || isMissingColumn(facts),
    make: (place, cause) =>
      new MailonceError(
        "store-outdated",
        `${place} lacks a table or column of the store: run 'mailonce database migrate', or your DataSource's migrations.`,
        { cause },
      ),
  },
];

function factsOf(error: unknown): ErrorFacts {
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
