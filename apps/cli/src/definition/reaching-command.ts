import type { Command } from "commander";
import { concurrency, durationMs } from "../input/option-values.ts";
import { readCommand } from "./context.ts";

/** The description of `--limit`, for commands that look at what is new. */
export const LIMIT_HELP = "at most so many new messages an account, lowest message numbers first";

/** The description of `--wait`, for commands that write to the ledger. */
export const WAIT_HELP =
  "while another mailonce works on the maildrop, wait, as long as it takes or so long, such as 5m";

/** The description of `--where`. */
export const WHERE_HELP =
  "only messages that match, such as 'subject:invoice* AND octets:<5M'; more in 'mailonce explain --help'";

/** Adds a command that runs over accounts, several at the same time. */
export function mailCommand(program: Command, name: string, description: string, help: string): Command {
  return reachingCommand(program, name, description, help)
    .option(
      "--concurrency <N>",
      "accounts at the same time (default: the accounts file's, or 4)",
      concurrency,
    )
    .option("--apart", "though another maildrop in the database holds the same mailbox");
}

/** Adds a command that reaches mail servers. */
export function reachingCommand(program: Command, name: string, description: string, help: string): Command {
  return readCommand(program, name, description, help)
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
