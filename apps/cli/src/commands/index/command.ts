import { Option } from "commander";
import { type CommandContext, readCommand } from "../../definition/context.ts";
import { CHANGE_CODES, exitCodes, INTERRUPTED } from "../../help/exit-codes.ts";

const HELP = `
What list shows of a message (subject, addresses, date) is read from its header when it is stored. A later version
may read more, or better: then this makes it anew from what is stored. The messages themselves are not touched.
It may run beside fetches and be stopped with Ctrl-C; the next one goes on where it stopped.

Examples:
  mailonce index --status       how many messages an older version has read
  mailonce index                read these anew
  mailonce index --rebuild      read all anew

${exitCodes({
  ...CHANGE_CODES,
  65: "octets of some messages are missing in the database",
  130: INTERRUPTED,
})}`;

/** index */
export function addIndexCommand({ program, action }: CommandContext): void {
  readCommand(
    program,
    "index",
    "read the headers of stored messages anew where an older version has read them",
    HELP,
  )
    .option("--rebuild", "all messages, not only those")
    .addOption(new Option("--status", "only say how many there are").conflicts("rebuild"))
    .action(action(async () => (await import("./index-messages.ts")).indexStored));
}
