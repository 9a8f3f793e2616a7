import { type CommandContext, readCommand } from "../../definition/context.ts";

const ACCOUNTS_HELP = `
mailonce-worker serves the accounts of its accounts file and those that are kept in the database: programs add and
remove them here, and a worker that runs notices within seconds. What is kept is where a secret is, never the secret.

Examples:
  mailonce accounts list                                           which, when, and how they stand
  mailonce accounts add pop3s://joe@mail.example.org --schedule 5m --password-file /run/secrets/joe
  mailonce accounts add pop3s://ann@example.org --settings '{"password":{"env":"ANN"},"hooks":{"web":{"webhook":"https://…"}}}'
  mailonce accounts pause work --reason "moving to another server"
  mailonce accounts resume work                                    also after a refused login
  mailonce accounts remove joe@mail.example.org                    its mail stays
`;

/** accounts list, add, remove, pause and resume. */
export function addAccountsCommands(context: CommandContext): void {
  const accounts = context.program
    .command("accounts")
    .description("see to the accounts that mailonce-worker serves")
    .helpCommand(false)
    .addHelpText("after", ACCOUNTS_HELP);

  readCommand(accounts, "list", "list them: when they are fetched, and how they stand").action(
    async (options) => {
      const { listAccounts } = await import("./accounts.ts");
      context.end(await listAccounts(options, context.invocation));
    },
  );

  readCommand(accounts, "add", "keep an account in the database")
    .argument("<URL>", "pop3s://USER@HOST[:PORT], or pop3://USER@HOST[:PORT]")
    .option("--name <NAME>", "its name, and that of its maildrop (default: made of USER@HOST)")
    .option("--schedule <WHEN>", "an interval such as 5m, or a cron expression (default: 5m)")
    .option("--password-file <FILE>", "the file that holds its password")
    .option("--password-env <NAME>", "the worker's environment variable that holds its password")
    .option("--settings <JSON>", "what an entry of an accounts file may say besides, as JSON")
    .action(async (url: string, options) => {
      const { addAccount } = await import("./accounts.ts");
      context.end(await addAccount(url, options, context.invocation));
    });

  for (const [action, description] of [
    ["remove", "keep an account no longer in the database; its mail stays"],
    ["pause", "let the worker leave an account alone until it is resumed"],
    ["resume", "let the worker fetch an account again, also after a refused login"],
  ] as const) {
    const command = readCommand(accounts, action, description).argument(
      "<NAME>",
      "its name, as list shows it",
    );
    if (action === "pause") command.option("--reason <TEXT>", "why, for people (default: paused by hand)");
    command.action(async (name: string, options) => {
      const commands = await import("./accounts.ts");
      context.end(await commands[`${action}Account`](name, options, context.invocation));
    });
  }
}
