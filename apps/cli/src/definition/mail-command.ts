import type { Command } from "commander";
import { BASELINE_HELP, FETCH_EXAMPLES } from "../help/texts.ts";
import { concurrency, durationMs, octetNumber, positiveInteger, waitMs } from "../input/option-values.ts";
import { type CommandContext, readCommand } from "./context.ts";

const LIMIT_HELP = "at most so many new messages an account, lowest message numbers first";
const WAIT_HELP =
  "while another mailonce works on the maildrop, wait, as long as it takes or so long, such as 5m";

const WHERE_HELP =
  "only messages that match, such as 'subject:invoice* AND octets:<5M'; more in 'mailonce explain --help'";

/** fetch, check and baseline. */
export function addMailCommands(context: CommandContext): void {
  const { program } = context;
  mailCommand(
    program,
    "fetch",
    "store what is new on the server; what is stored already is not downloaded again",
  )
    .option("--limit <N>", LIMIT_HELP, positiveInteger)
    .option(
      "--max-octets <N>",
      "defer larger messages; k, M, G stand for 1024, 1024 k, 1024 M (default: 100M)",
      octetNumber,
    )
    .option("--where <QUERY>", WHERE_HELP)
    .option("--wait [DURATION]", WAIT_HELP, waitMs)
    .addHelpText("after", FETCH_EXAMPLES)
    .action(async (places: string[], options) => {
      const { fetchMail } = await import("../commands/fetch/fetch.ts");
      context.end(await fetchMail(places, options, context.invocation));
    });

  mailCommand(program, "check", "show what is new on the server; downloads headers only and changes nothing")
    .option("--limit <N>", LIMIT_HELP, positiveInteger)
    .option("--where <QUERY>", WHERE_HELP)
    .action(async (places: string[], options) => {
      const { checkMail } = await import("../commands/check/check.ts");
      context.end(await checkMail(places, options, context.invocation));
    });

  mailCommand(program, "baseline", "mark all that is on the server now as known, without downloading it")
    .option("--wait [DURATION]", WAIT_HELP, waitMs)
    .addHelpText("after", BASELINE_HELP)
    .action(async (places: string[], options) => {
      const { markAsKnown } = await import("../commands/baseline/baseline.ts");
      context.end(await markAsKnown(places, options, context.invocation));
    });
}

function mailCommand(program: Command, name: string, description: string): Command {
  return reachingCommand(program, name, description)
    .option(
      "--concurrency <N>",
      "accounts at the same time (default: the accounts file's, or 4)",
      concurrency,
    )
    .option("--apart", "though another maildrop in the database holds the same mailbox");
}

/** A command that reaches mail servers. */
export function reachingCommand(program: Command, name: string, description: string): Command {
  return readCommand(program, name, description)
    .argument(
      "[ACCOUNT...]",
      "names from the accounts file, or URLs: pop3s://USER@HOST[:PORT], or pop3://USER@HOST[:PORT] (STLS; plaintext with ?tls=none); none: all accounts of the file",
    )
    .option("--quiet", "say nothing unless something goes wrong")
    .option(
      "--timeout <DURATION>",
      "give a silent server up after so long, such as 30s (a bare number: seconds)",
      durationMs,
    )
    .option("--password-stdin", "read the mail password from standard input")
    .option(
      "--ca <FILE>",
      "also trust the certificates in this PEM file ('mailonce doctor --save-certificate FILE' writes one)",
    )
    .option(
      "--pin <FINGERPRINT>",
      "trust the server's certificate for this SHA-256 (hex or base64), whoever signed it, and no other; may be given again",
      (pin: string, before: readonly string[] = []) => [...before, pin],
    )
    .option(
      "--proxy <URL>",
      "go through socks5://[USER@]HOST[:PORT] or http://[USER@]HOST:PORT; none: through no proxy",
    )
    .option("--verbose", "show on standard error what goes over the wire, without passwords and mail")
    .option(
      "--maildrop <NAME>",
      "the maildrop's name in the database (default: the account's, or USER@HOST)",
    );
}
