import { Option } from "commander";
import { type CommandContext, readCommand } from "../../definition/context.ts";
import { CHANGE_CODES, exitCodes, INTERRUPTED } from "../../help/exit-codes.ts";

const HELP = `
What is in stored messages (texts, parts, addresses) is read in a process of its own, from the octets that are stored, and
written into tables beside them; so are subject, addresses and date, as list shows them. The messages themselves are not
touched, and all of it can be made again. fetch and the worker do it meanwhile; this does what is left, and what a later
version reads better. It may run beside them, several times at once, and be stopped with Ctrl-C; the next one goes on where
it stopped. A message that cannot be read is tried three times, and then passed over until --rebuild. Where the accounts
file says content: { attachments: stored }, attachments are kept, too; those that no message has any more are dropped.

Examples:
  mailonce index --status       how many messages are not indexed yet
  mailonce index                index these
  mailonce index --rebuild      index all anew

${exitCodes({
  ...CHANGE_CODES,
  65: "some messages could not be read",
  130: INTERRUPTED,
})}`;

/** index */
export function addIndexCommand({ program, action }: CommandContext): void {
  readCommand(
    program,
    "index",
    "make what is in stored messages known to the database, where it is not yet",
    HELP,
  )
    .option("--rebuild", "all messages, not only those that are not indexed")
    .addOption(new Option("--status", "only say how many there are").conflicts("rebuild"))
    .action(action(async () => (await import("./index-messages.ts")).indexStored));
}
