import type { CommandContext } from "../../definition/context.ts";
import { exitCodes } from "../../help/exit-codes.ts";

/** help. */
export function addHelpCommand({ program, invocation }: CommandContext): void {
  program
    .helpCommand(false)
    .command("help")
    .description(
      "show help on a command or a topic: exit-codes, configuration, criteria, searching, oauth2, databases, environment",
    )
    .argument("[TOPIC...]", "a topic, or a command")
    .addHelpText("after", exitCodes({ 0: "done", 2: "there is neither such a command nor such a topic" }))
    .action(async (words: string[]) => {
      const { showHelp } = await import("./show-help.ts");
      await showHelp(words, program, invocation.terminal);
    });
}
