import { type CommandContext, readCommand } from "../../definition/context.ts";
import { exitCodes, READ_CODES } from "../../help/exit-codes.ts";
import { positiveInteger } from "../../input/option-values.ts";

const HELP = `
Examples:
  mailonce search invoice                              the word anywhere: subject, addresses, file names, text
  mailonce search 'from:*@example.org "per month"'     see 'mailonce help searching'
  mailonce search --after CURSOR invoice               go on where another search left off

  mailonce search --best --limit 10 invoice             those that are about invoices most, of the newest 1000

Words are found without regard to case and accents. Those stored last come first, or with --best those in which
the words stand most often and in the subject.

${exitCodes(READ_CODES)}`;

/** search */
export function addSearchCommand({ program, action }: CommandContext): void {
  readCommand(program, "search", "search stored messages, newest first by when they were stored", HELP)
    .argument("<QUERY...>", "what to search for; what begins with - comes after --")
    .option("--maildrop <NAME>", "only the messages of this maildrop, or of this account")
    .option("--limit <N>", "at most so many (default: 50 on a terminal, otherwise all)", positiveInteger)
    .option("--best", "the best first, of the newest 1000 that are found")
    .option("--after <CURSOR>", "go on where another search with this query left off")
    .action(action(async () => (await import("./search.ts")).searchMessages));
}
