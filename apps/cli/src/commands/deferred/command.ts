import { type CommandContext, readCommand } from "../../definition/context.ts";
import { DEFERRED_HELP } from "../../help/texts.ts";

/** deferred list, retry and drop. */
export function addDeferredCommands(context: CommandContext): void {
  const { program } = context;
  const deferred = program
    .command("deferred")
    .description("see to messages that could not be had or stored")
    .helpCommand(false)
    .addHelpText("after", DEFERRED_HELP);

  readCommand(deferred, "list", "list them: which, why, and when they are tried next")
    .argument("[ACCOUNT]", "only those of this account, by its name, its maildrop's name or its URL")
    .option("--maildrop <NAME>", "only those of this maildrop")
    .action(async (place: string | undefined, options) => {
      const { listDeferred } = await import("./deferred.ts");
      context.end(await listDeferred(place, options, context.invocation));
    });

  for (const [action, description] of [
    ["retry", "try these messages at the next fetch, not later"],
    ["drop", "never try these messages again"],
  ] as const) {
    const command = readCommand(deferred, action, description).argument(
      "[ID...]",
      "the ids as list shows them",
    );
    if (action === "retry") command.option("--all", "all that are deferred, in all maildrops");
    command.action(async (ids: string[], options) => {
      const { changeDeferred } = await import("./deferred.ts");
      context.end(await changeDeferred(action, ids, options, context.invocation));
    });
  }
}
