import { Option } from "commander";
import { type CommandContext, readCommand } from "../../definition/context.ts";
import { LIST_HELP } from "../../help/texts.ts";
import { positiveInteger } from "../../input/option-values.ts";

/** list, show and export. */
export function addMessageCommands(context: CommandContext): void {
  const { program } = context;
  readCommand(program, "list", "list stored messages, newest first by their dates")
    .argument("[ACCOUNT]", "only the messages of this account, by its name, its maildrop's name or its URL")
    .option("--maildrop <NAME>", "only the messages of this maildrop")
    .option("--limit <N>", "at most so many (default: 50 on a terminal, otherwise all)", positiveInteger)
    .addOption(
      new Option("--sort <BY>", "by the messages' dates, or by when they were stored")
        .choices(["date", "stored"])
        .default("date"),
    )
    .addHelpText("after", LIST_HELP)
    .action(async (place: string | undefined, options) => {
      const { listMessages } = await import("./list.ts");
      context.end(await listMessages(place, options, context.invocation));
    });

  readCommand(program, "show", "show a stored message: its headers and text")
    .argument("<ID>", "the id as list shows it, or the beginning of the whole id")
    .addOption(
      new Option("--raw", "exactly the octets that the server sent, to standard output").conflicts("json"),
    )
    .action(async (id: string, options) => {
      const { showMessage } = await import("../show/show.ts");
      context.end(await showMessage(id, options, context.invocation));
    });

  readCommand(
    program,
    "export",
    "write stored messages to files, one each; existing files are left as they are",
  )
    .argument("[ACCOUNT]", "only the messages of this account, by its name, its maildrop's name or its URL")
    .requiredOption("--to <DIR>", "the folder to write to; created if missing")
    .addOption(new Option("--format <FORMAT>", "how they are written").choices(["eml"]).default("eml"))
    .option("--maildrop <NAME>", "only the messages of this maildrop")
    .option("--limit <N>", "at most so many, newest first", positiveInteger)
    .action(async (place: string | undefined, options) => {
      const { exportMessages } = await import("../export/export.ts");
      context.end(await exportMessages(place, options, context.invocation));
    });
}
