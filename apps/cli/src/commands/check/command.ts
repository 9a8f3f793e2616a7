import type { CommandContext } from "../../definition/context.ts";
import { LIMIT_HELP, mailCommand, WHERE_HELP } from "../../definition/reaching-command.ts";
import { MAIL_EXIT_CODES } from "../../help/exit-codes.ts";
import { positiveInteger } from "../../input/option-values.ts";

/** check */
export function addCheckCommand({ program, action }: CommandContext): void {
  mailCommand(
    program,
    "check",
    "show what is new on the server; downloads headers only and changes nothing",
    MAIL_EXIT_CODES,
  )
    .option("--limit <N>", LIMIT_HELP, positiveInteger)
    .option("--where <QUERY>", WHERE_HELP)
    .action(action(async () => (await import("./check.ts")).checkMail));
}
