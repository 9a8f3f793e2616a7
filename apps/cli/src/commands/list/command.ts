import { Option } from "commander";
import { type CommandContext, readCommand } from "../../definition/context.ts";
import { exitCodes, READ_CODES } from "../../help/exit-codes.ts";
import { positiveInteger } from "../../input/option-values.ts";

const HELP = `
A date with ? behind it is in doubt (it names no time zone, say); one with * is not the message's own, but when the last
server received it. Octets with + behind them: the message says of itself that there is more in it than text.

${exitCodes(READ_CODES)}`;

/** list */
export function addListCommand({ program, action }: CommandContext): void {
  readCommand(program, "list", "list stored messages, newest first by their dates", HELP)
    .argument("[ACCOUNT]", "only the messages of this account, by its name, its maildrop's name or its URL")
    .option("--maildrop <NAME>", "only the messages of this maildrop")
    .option(
      "--where <QUERY>",
      "only what matches; see 'mailonce help searching'. Sorted by when it was stored",
    )
    .option("--limit <N>", "at most so many (default: 50 on a terminal, otherwise all)", positiveInteger)
    .addOption(
      new Option("--sort <BY>", "by the messages' dates, or by when they were stored")
        .choices(["date", "stored"])
        .default("date"),
    )
    .action(action(async () => (await import("./list.ts")).listMessages));
}
