import type { MailonceError } from "@mailonce/core";
import {
  codes,
  conflict,
  contentRefused,
  duplicateKey,
  type ErrorFacts,
  factsOf,
  full,
  notOpened,
  outdated,
  prefixes,
  readOnlyFile,
  SYSTEM_RULES,
  storeErrors,
  unavailable,
} from "../database/store-errors.ts";

/** The core's error for what an SQLite library, TypeORM or the file system threw. */
export const sqliteError = storeErrors([
  { matches: codes("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"), make: duplicateKey },
  { matches: prefixes("SQLITE_BUSY", "SQLITE_LOCKED"), make: conflict },
  { matches: codes("SQLITE_TOOBIG"), make: contentRefused },
  { matches: prefixes("SQLITE_READONLY"), make: readOnlyFile },
  { matches: codes("SQLITE_FULL"), make: full },
  { matches: prefixes("SQLITE_CANTOPEN", "SQLITE_PERM"), make: notOpened },
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
  { matches: (facts) => lacksTable(facts) || lacksColumn(facts), make: outdated },
  ...SYSTEM_RULES,
]);

/** Whether a statement failed because a table does not exist. */
export function isMissingTable(error: unknown): boolean {
  return lacksTable(factsOf(error));
}

/** Whether the core's error is there because nobody may write to the file. */
export function isReadOnly(error: unknown): boolean {
  return prefixes("SQLITE_READONLY")(factsOf((error as MailonceError).cause));
}

/**
 * Whether a statement met somebody's lock on the file, or what the connection's other users have open: a transaction, or
 * rows that they are not done with (better-sqlite3's `iterate`).
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

function lacksTable({ code, message }: ErrorFacts): boolean {
  return code === "SQLITE_ERROR" && message.startsWith("no such table");
}

function lacksColumn({ code, message }: ErrorFacts): boolean {
  return code === "SQLITE_ERROR" && /^no such column|has no column named/.test(message);
}
