import { CONFIG_HELP, type CommandContext, groupCommand } from "../../definition/context.ts";
import { ACCOUNTS_FILE_HELP } from "../../help/accounts-file.ts";
import { exitCodes } from "../../help/exit-codes.ts";

const EXIT_CODES = exitCodes({ 0: "done", 2: "there is no accounts file", 78: "something is wrong in it" });

/** config check, show and schema */
export function addConfigCommands({ program, action }: CommandContext): void {
  const config = groupCommand(
    program,
    "config",
    "look at the accounts file",
    `${ACCOUNTS_FILE_HELP}\n${EXIT_CODES}`,
  );
  const fileCommand = (name: string, description: string) =>
    config
      .command(name)
      .description(description)
      .option("--config <FILE>", CONFIG_HELP)
      .showHelpAfterError(`Try: mailonce config ${name} --help`)
      .addHelpText("after", EXIT_CODES);
  fileCommand("check", "say everything that is wrong with it, with line and column")
    .option("--secrets", "also read every secret, and run the commands that write one")
    .option("--json", "write JSON Lines to standard output")
    .action(action(async () => (await import("./check.ts")).checkConfig));
  fileCommand("show", "show it with its defaults filled in; of secrets, where they are kept")
    .option("--json", "write JSON to standard output")
    .action(action(async () => (await import("./show.ts")).showConfig));
  config
    .command("schema")
    .description("write the JSON Schema of accounts files, for editors")
    .addHelpText("after", exitCodes({ 0: "done" }))
    .action(action(async () => (await import("./schema.ts")).writeSchema));
}
