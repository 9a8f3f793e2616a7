import type { CommandContext } from "../../definition/context.ts";

/** help. */
export function addHelpCommand({ program, invocation }: CommandContext): void {
  program
    .helpCommand(false)
    .command("help")
    .description(
      "show help on a command or a topic: exit-codes, configuration, criteria, oauth2, databases, environment",
    )
    .argument("[TOPIC...]", "a topic, or a command")
    .action(async (words: string[]) => {
      const { showHelp } = await import("./show-help.ts");
      await showHelp(words, program, invocation.terminal);
    });
}
