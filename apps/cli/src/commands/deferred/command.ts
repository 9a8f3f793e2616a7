import { type CommandContext, groupCommand, readCommand } from "../../definition/context.ts";
import { CHANGE_CODES, exitCodes, READ_CODES, WRONG_USAGE } from "../../help/exit-codes.ts";

const EXIT_CODES = exitCodes({ ...CHANGE_CODES, 2: `${WRONG_USAGE}, or there is no such message` });

const HELP = `
A message is deferred if the server refuses it or breaks off each time, if it is larger than --max-octets of
fetch allows, if the database refuses it, or if Mailonce was killed twice while it was retrieved. All others are
stored meanwhile, and it is tried after them: at the next fetch, then after a delay that doubles up to a day, for
ever. What one fetch tries in vain over several connections is one attempt.

Examples:
  mailonce deferred list                 which, why, and when they are tried next
  mailonce deferred retry 1f0c9a2b77e3   try it at the next fetch, not later
  mailonce deferred drop 1f0c9a2b77e3    never try it again

${EXIT_CODES}`;

/** deferred list, retry and drop */
export function addDeferredCommands({ program, action }: CommandContext): void {
  const deferred = groupCommand(program, "deferred", "see to messages that could not be had or stored", HELP);

  readCommand(deferred, "list", "list them: which, why, and when they are tried next", exitCodes(READ_CODES))
    .argument("[ACCOUNT]", "only those of this account, by its name, its maildrop's name or its URL")
    .option("--maildrop <NAME>", "only those of this maildrop")
    .action(action(async () => (await import("./list.ts")).listDeferred));

  readCommand(deferred, "retry", "try these messages at the next fetch, not later", EXIT_CODES)
    .argument("[ID...]", "the ids as list shows them")
    .option("--all", "all that are deferred, in all maildrops")
    .action(action(async () => (await import("./change.ts")).retryDeferredMessages));

  readCommand(deferred, "drop", "never try these messages again", EXIT_CODES)
    .argument("[ID...]", "the ids as list shows them")
    .action(action(async () => (await import("./change.ts")).dropDeferredMessages));
}
