import type { FailureError } from "@mailonce/runtime";
import { didYouMean } from "@mailonce/runtime/config";
import type { Command } from "commander";
import { HELP_TOPICS } from "../../help/topics.ts";
import { usageError } from "../../input/usage-error.ts";
import type { Terminal } from "../../output/terminal.ts";

/**
 * `mailonce help [TOPIC or COMMAND…]`
 * @throws FailureError (`usage`) if there is neither; OutputClosedError, OutputFailedError
 */
export async function showHelp(
  words: readonly string[],
  program: Command,
  terminal: Pick<Terminal, "write">,
): Promise<void> {
  const topic = words.length === 1 ? HELP_TOPICS.find(({ name }) => name === words[0]) : undefined;
  if (topic === undefined) commandNamed(words, program).outputHelp();
  else await terminal.write(topic.text.replace(/^\n/, ""));
}

function commandNamed(words: readonly string[], program: Command): Command {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word));
    if (next === undefined) throw unknown(words, program);
    command = next;
  }
  return command;
}

function unknown(words: readonly string[], program: Command): FailureError {
  const asked = words.join(" ");
  const topics = HELP_TOPICS.map(({ name }) => name);
  const meant =
    didYouMean(asked, [...program.commands.map((command) => command.name()), ...topics]) ||
    `; it is there on every command, and on ${topics.join(", ")}`;
  return usageError("unknown-topic", `there is no help on ${asked}${meant}`);
}
