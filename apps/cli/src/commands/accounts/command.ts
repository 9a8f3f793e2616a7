import { type CommandContext, groupCommand, readCommand } from "../../definition/context.ts";
import { CHANGE_CODES, exitCodes, READ_CODES, WRONG_USAGE } from "../../help/exit-codes.ts";

const EXIT_CODES = exitCodes({ ...CHANGE_CODES, 2: `${WRONG_USAGE}, or there is no such account` });

const HELP = `
mailonce-worker serves the accounts of its accounts file and those that are kept in the database: programs add and
remove them here, and a worker that runs notices within seconds. What is kept is where a secret is, never the secret.

Examples:
  mailonce accounts list                                           which, when, and how they stand
  mailonce accounts add pop3s://joe@mail.example.org --schedule 5m --password-file /run/secrets/joe
  mailonce accounts add pop3s://ann@example.org --settings '{"password":{"env":"ANN"},"hooks":{"web":{"webhook":"https://…"}}}'
  mailonce accounts pause work --reason "moving to another server"
  mailonce accounts resume work                                    also after a refused login
  mailonce accounts remove joe@mail.example.org                    its mail stays

${EXIT_CODES}`;

/** accounts list, add, remove, pause and resume */
export function addAccountsCommands({ program, action }: CommandContext): void {
  const accounts = groupCommand(program, "accounts", "see to the accounts that mailonce-worker serves", HELP);
  const changingCommand = (name: string, description: string) =>
    readCommand(accounts, name, description, EXIT_CODES);

  readCommand(
    accounts,
    "list",
    "list them: when they are fetched, and how they stand",
    exitCodes(READ_CODES),
  ).action(action(async () => (await import("./list.ts")).listAccounts));

  changingCommand("add", "keep an account in the database")
    .argument("<URL>", "pop3s://USER@HOST[:PORT], or pop3://USER@HOST[:PORT]")
    .option("--name <NAME>", "its name, and that of its maildrop (default: made of USER@HOST)")
    .option("--schedule <WHEN>", "an interval such as 5m, or a cron expression (default: 5m)")
    .option("--password-file <FILE>", "the file that holds its password")
    .option("--password-env <NAME>", "the worker's environment variable that holds its password")
    .option("--settings <JSON>", "what an entry of an accounts file may say besides, as JSON")
    .action(action(async () => (await import("./add.ts")).addAccount));

  changingCommand("remove", "keep an account no longer in the database; its mail stays")
    .argument("<NAME>", "its name, as list shows it")
    .action(action(async () => (await import("./remove.ts")).removeAccount));

  changingCommand("pause", "let the worker leave an account alone until it is resumed")
    .argument("<NAME>", "its name, as list shows it")
    .option("--reason <TEXT>", "why, for people (default: paused by hand)")
    .action(action(async () => (await import("./pause.ts")).pauseAccount));

  changingCommand("resume", "let the worker fetch an account again, also after a refused login")
    .argument("<NAME>", "its name, as list shows it")
    .action(action(async () => (await import("./pause.ts")).resumeAccount));
}
