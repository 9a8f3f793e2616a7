import { Option } from "commander";
import type { CommandContext } from "../../definition/context.ts";
import { reachingCommand } from "../../definition/reaching-command.ts";
import { MAIL_EXIT_CODES } from "../../help/exit-codes.ts";
import { positiveInteger } from "../../input/option-values.ts";

const HELP = `
Examples:
  mailonce explain --where 'subject:invoice*'                                   how the query is understood
  mailonce explain --where 'subject:invoice*' pop3s://joe@mail.example.org      what it says of each message there
  mailonce explain work                                                         the same by the account's own query
  mailonce explain --where 'subject:invoice*' --stored                          of each stored message
  mailonce explain --where 'subject:invoice*' --file mail.eml                   of a file

A query:
  subject:invoice              the word, upper and lower case alike; also from: to: cc:
  subject:"your invoice"       the words; * and ? in quotation marks mean themselves
  from:*@example.org           * stands for any characters but white space, ? for one
  subject:/inv(oice)?\\s+\\d+/   a regular expression (RE2)
  octets:<5M  octets:1k..20k   < <= > >= = and ranges; k, M, G stand for 1024, 1024 k, 1024 M
  date:>=2026-01-15  date:2026 year, month, day or time (UTC unless it says otherwise)
  list-id:dev  header.sender:x any other header field: as it is if there is a hyphen in it, else with header.
  cc:*                         the field is there, whatever is in it
  subject:(invoice OR receipt) one field, several values
  A AND B, A B, A OR B, NOT A, -A, ( )      NOT binds closest, then AND, then OR

${MAIL_EXIT_CODES}`;

/** explain */
export function addExplainCommand({ program, action }: CommandContext): void {
  const command = reachingCommand(
    program,
    "explain",
    "tell which messages a query wants, and why; downloads headers only and changes nothing",
    HELP,
  );
  const [accounts] = command.registeredArguments;
  if (accounts !== undefined)
    accounts.description =
      "names from the accounts file, or URLs: looks at the messages on these servers; none: says in words what the query means";
  command
    .option("--where <QUERY>", "the query (default: the account's own)")
    .addOption(new Option("--file <FILE...>", "look at these files, a message each").conflicts("stored"))
    .option("--stored", "look at the messages in the database")
    .option("--limit <N>", "at most so many messages, the newest", positiveInteger)
    .action(action(async () => (await import("./explain.ts")).explainCriteria));
}
