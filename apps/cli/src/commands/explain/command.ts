import { Option } from "commander";
import type { CommandContext } from "../../definition/context.ts";
import { reachingCommand } from "../../definition/mail-command.ts";
import { positiveInteger } from "../../input/option-values.ts";
import { CRITERIA_HELP } from "./criteria-help.ts";

const EXAMPLES = `
Examples:
  mailonce explain --where 'subject:invoice*'                                   how the query is understood
  mailonce explain --where 'subject:invoice*' pop3s://joe@mail.example.org      what it says of each message there
  mailonce explain work                                                         the same by the account's own query
  mailonce explain --where 'subject:invoice*' --stored                          of each stored message
  mailonce explain --where 'subject:invoice*' --file mail.eml                   of a file
`;

/** explain. */
export function addExplainCommand({ program, invocation, end }: CommandContext): void {
  const command = reachingCommand(
    program,
    "explain",
    "tell which messages a query wants, and why; downloads headers only and changes nothing",
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
    .addHelpText("after", EXAMPLES + CRITERIA_HELP)
    .action(async (places: string[], options) => {
      const { explainCriteria } = await import("./explain.ts");
      end(await explainCriteria(places, options, invocation));
    });
}
