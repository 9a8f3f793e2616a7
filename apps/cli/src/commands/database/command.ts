import { type CommandContext, groupCommand, readCommand } from "../../definition/context.ts";
import { CHANGE_CODES, exitCodes, READ_CODES } from "../../help/exit-codes.ts";

const EXIT_CODES = exitCodes({
  ...CHANGE_CODES,
  69: "database unreachable, full, read-only, or it does not grant its user what is needed",
  75: "another process is still bringing it up to date, or the server has too much to do",
});

const HELP = `
Commands that store (fetch, baseline, the worker) make the tables, or bring those of an older version up to date, by
themselves. Commands that only look (list, show, export, check, doctor) read tables of any older version as they are and
change nothing. Where the user who stores may not make tables, one who may runs 'mailonce database migrate' once after each
upgrade. Tables of a later version are read as far as they are known, and not written to.

Examples:
  mailonce database status                    is it up to date? what would migrate do? is the line encrypted?
  mailonce database status || mailonce database migrate
  mailonce database migrate --database mariadb://admin@db.example.org/mail

${EXIT_CODES}`;

const STATUS_EXIT_CODES = exitCodes({
  ...READ_CODES,
  0: "done; the tables are up to date",
  65: "there are no tables yet, or there is something to be done",
});

/** database status and migrate */
export function addDatabaseCommands({ program, action }: CommandContext): void {
  const database = groupCommand(
    program,
    "database",
    "look at the database, and bring its tables up to date",
    HELP,
  );

  readCommand(
    database,
    "status",
    "say what it is, how it is reached, and what migrate would do; changes nothing",
    STATUS_EXIT_CODES,
  ).action(action(async () => (await import("./status.ts")).showDatabase));

  readCommand(
    database,
    "migrate",
    "make its tables, or bring those of an older version up to date",
    EXIT_CODES,
  ).action(action(async () => (await import("./migrate.ts")).migrateDatabase));
}
