import type { CommandContext } from "../../definition/context.ts";
import { LIMIT_HELP, mailCommand, WAIT_HELP, WHERE_HELP } from "../../definition/reaching-command.ts";
import { MAIL_EXIT_CODES } from "../../help/exit-codes.ts";
import { octetNumber, positiveInteger, waitMs } from "../../input/option-values.ts";

const HELP = `
Examples:
  mailonce fetch pop3s://joe@example.org@mail.example.org     the user is joe@example.org
  mailonce fetch pop3://joe@mail.example.org                  port 110, STLS required
  pass show mail | mailonce fetch --password-stdin pop3s://joe@mail.example.org
  mailonce fetch --database mariadb://mail@db.example.org/mail pop3s://joe@mail.example.org

  mailonce fetch                                              all accounts of the accounts file
  mailonce fetch work home --concurrency 2                    these two at the same time

The password is asked for on a terminal, or comes from --password-stdin or MAILONCE_PASSWORD, which then serve all
that are named; an account of the accounts file has its own ('mailonce config --help'). Ctrl-C keeps what is stored; the rest comes next time.
What cannot be had or is too large is deferred: the rest is stored, and it is tried again, ever more seldom
('mailonce deferred --help').

${MAIL_EXIT_CODES}`;

/** fetch */
export function addFetchCommand({ program, action }: CommandContext): void {
  mailCommand(
    program,
    "fetch",
    "store what is new on the server; what is stored already is not downloaded again",
    HELP,
  )
    .option("--limit <N>", LIMIT_HELP, positiveInteger)
    .option(
      "--max-octets <N>",
      "defer larger messages; k, M, G stand for 1024, 1024 k, 1024 M (default: 100M)",
      octetNumber,
    )
    .option("--where <QUERY>", WHERE_HELP)
    .option("--wait [DURATION]", WAIT_HELP, waitMs)
    .action(action(async () => (await import("./fetch.ts")).fetchMail));
}
