import type { CommandContext } from "../../definition/context.ts";
import { mailCommand, WAIT_HELP } from "../../definition/reaching-command.ts";
import { MAIL_EXIT_CODES } from "../../help/exit-codes.ts";
import { waitMs } from "../../input/option-values.ts";

const HELP = `
For a maildrop whose old mail you have elsewhere, or do not want: only what comes after this is fetched.
Nothing is downloaded but headers (and one message, where the server's unique-ids are of no use).
Messages that are stored already stay stored.

${MAIL_EXIT_CODES}`;

/** baseline */
export function addBaselineCommand({ program, action }: CommandContext): void {
  mailCommand(
    program,
    "baseline",
    "mark all that is on the server now as known, without downloading it",
    HELP,
  )
    .option("--wait [DURATION]", WAIT_HELP, waitMs)
    .action(action(async () => (await import("./baseline.ts")).markAsKnown));
}
