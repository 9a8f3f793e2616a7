import { Option } from "commander";
import type { CommandContext } from "../../definition/context.ts";
import { exitCodes, INTERRUPTED, WRONG_USAGE } from "../../help/exit-codes.ts";

const HELP = `
The password itself never stands in the file, only where it is kept. The file is there for you alone (mode 0600), and one
that is there already is left as it is.

Examples:
  mailonce init                                                                asks
  mailonce init --url pop3s://joe@mail.example.org --password-command 'pass show mail'
  mailonce init --url pop3s://ann@example.com@outlook.office365.com --oauth2 microsoft365 --client-id ID

${exitCodes({
  0: "done",
  2: WRONG_USAGE,
  73: "there is such a file already, or it cannot be written",
  75: "the maildrop to take over is in use",
  130: INTERRUPTED,
})}`;

/** init */
export function addInitCommand({ program, action }: CommandContext): void {
  program
    .command("init")
    .description("write an accounts file: asks on a terminal, or takes the options")
    .option("--config <FILE>", "the file to write (default: mailonce.yaml in your configuration directory)")
    .option("--url <URL>", "the account: pop3s://USER@HOST[:PORT] or pop3://USER@HOST[:PORT]")
    .option("--name <NAME>", "what to call it (default: from the host)")
    .addOption(
      new Option("--password-env <NAME>", "the password is in this environment variable").conflicts([
        "passwordFile",
        "passwordCommand",
      ]),
    )
    .addOption(
      new Option("--password-file <FILE>", "the password is in this file, which only you can read").conflicts(
        "passwordCommand",
      ),
    )
    .option("--password-command <COMMAND>", "this command writes the password, such as 'pass show mail'")
    .addOption(
      new Option(
        "--oauth2 <PROVIDER>",
        "there is no password: 'mailonce login' logs in (google, microsoft365)",
      )
        .choices(["google", "microsoft365"])
        .conflicts(["passwordEnv", "passwordFile", "passwordCommand"]),
    )
    .option("--client-id <ID>", "with --oauth2: the client id of the application that you have registered")
    .option("--database <URL>", "sqlite:FILE, mysql://USER@HOST/DB or mariadb://USER@HOST/DB")
    .option(
      "--take-over",
      "go on with what was fetched by the bare URL: its maildrop gets the account's name",
    )
    .showHelpAfterError("Try: mailonce init --help")
    .addHelpText("after", HELP)
    .action(action(async () => (await import("./init.ts")).initialise));
}
