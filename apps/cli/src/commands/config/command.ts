import { Option } from "commander";
import { type CommandContext, readCommand } from "../../definition/context.ts";
import { CONFIG_HELP, INIT_HELP, MAILDROP_HELP } from "../../help/texts.ts";

const CONFIG_OPTION = "the accounts file (default: mailonce.yaml here or in your configuration directory)";

/** init, config and maildrop. */
export function addConfigCommands(context: CommandContext): void {
  const { program } = context;
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
    .addHelpText("after", INIT_HELP)
    .action(async (options) => {
      const { initialise } = await import("../init/init.ts");
      context.end(await initialise(options, context.invocation));
    });

  const config = program
    .command("config")
    .description("look at the accounts file")
    .helpCommand(false)
    .addHelpText("after", CONFIG_HELP);
  const group = (name: string, description: string) =>
    config
      .command(name)
      .description(description)
      .option("--config <FILE>", CONFIG_OPTION)
      .showHelpAfterError(`Try: mailonce config ${name} --help`);
  group("check", "say everything that is wrong with it, with line and column")
    .option("--secrets", "also read every secret, and run the commands that write one")
    .option("--json", "write JSON Lines to standard output")
    .action(async (options) => {
      const { checkConfig } = await import("./config.ts");
      context.end(await checkConfig(options, context.invocation));
    });
  group("show", "show it with its defaults filled in; of secrets, where they are kept")
    .option("--json", "write JSON to standard output")
    .action(async (options) => {
      const { showConfig } = await import("./config.ts");
      context.end(await showConfig(options, context.invocation));
    });
  config
    .command("schema")
    .description("write the JSON Schema of accounts files, for editors")
    .action(async () => {
      const { writeSchema } = await import("./config.ts");
      context.end(await writeSchema(context.invocation));
    });

  const maildrop = program
    .command("maildrop")
    .description("see to the maildrops of the database")
    .helpCommand(false)
    .addHelpText("after", MAILDROP_HELP);
  readCommand(maildrop, "list", "list them, and the accounts that they belong to").action(async (options) => {
    const { listMaildrops } = await import("../maildrop/maildrop.ts");
    context.end(await listMaildrops(options, context.invocation));
  });
  readCommand(maildrop, "rename", "give one another name; nothing of it is downloaded again")
    .argument("<OLD>", "its name, or the URL that it was fetched by")
    .argument("<NEW>", "its new name, such as the name of an account")
    .action(async (old: string, name: string, options) => {
      const { renameStoredMaildrop } = await import("../maildrop/maildrop.ts");
      context.end(await renameStoredMaildrop(old, name, options, context.invocation));
    });
}
