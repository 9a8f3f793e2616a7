import { Option } from "commander";
import { INDEX_HELP } from "../help.ts";
import { type CommandContext, readCommand } from "./context.ts";

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
      const { indexStored } = await import("../commands/index-messages.ts");
      context.end(await indexStored(options, context.invocation));
    });
}
