import type { CommandContext } from "../../definition/context.ts";
import { mailCommand, WAIT_HELP } from "../../definition/reaching-command.ts";
import { MAIL_EXIT_CODES } from "../../help/exit-codes.ts";
import { waitMs } from "../../input/option-values.ts";

const HELP = `
For a maildrop whose old mail you have elsewhere, or do not want: only what comes after this is fetched.
Nothing is downloaded but headers (and one message, where the server's unique-ids are of no use).
Messages that are stored already stay stored.
`;

/** baseline */
export function addBaselineCommand({ program, invocation, end }: CommandContext): void {
  mailCommand(program, "baseline", "mark all that is on the server now as known, without downloading it")
    .option("--wait [DURATION]", WAIT_HELP, waitMs)
    .addHelpText("after", HELP)
    .addHelpText("after", MAIL_EXIT_CODES)
    .action(async (places: string[], options) => {
      const { markAsKnown } = await import("./baseline.ts");
      end(await markAsKnown(places, options, invocation));
    });
}
