import { Option } from "commander";
import { type CommandContext, readCommand } from "../../definition/context.ts";
import { INDEX_HELP } from "../../help/texts.ts";

/** index. */
export function addIndexCommand(context: CommandContext): void {
  readCommand(
    context.program,
    "index",
    "read the headers of stored messages anew where an older version has read them",
  )
    .option("--rebuild", "all messages, not only those")
    .addOption(new Option("--status", "only say how many there are").conflicts("rebuild"))
    .addHelpText("after", INDEX_HELP)
    .action(async (options) => {
      const { indexStored } = await import("./index-messages.ts");
      context.end(await indexStored(options, context.invocation));
    });
}
