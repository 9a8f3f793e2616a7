import type { CommandContext } from "../../definition/context.ts";
import { reachingCommand } from "../../definition/reaching-command.ts";
import { MAIL_EXIT_CODES } from "../../help/exit-codes.ts";

const HELP = `
Looks up the name, looks at TLS and certificate, logs in, lists, compares TOP with RETR on at most three small
messages, sends commands at once where the server says that it takes them, and asks the database what a fetch would
do. It closes the connection without QUIT, deletes nothing, and changes nothing in the database. Some servers mark
the messages that were tried as read: --no-retrieve leaves them alone.

Each line begins with ok, LOOK (it works, and you should know) or BAD (a fetch would fail, with the exit code below).

Examples:
  mailonce doctor work
  mailonce doctor pop3s://joe@mail.example.org
  mailonce doctor --save-certificate mail.pem pop3s://joe@mail.example.org     of a server that is not trusted yet
  mailonce doctor --json work          one line for each finding, then all facts, then the summary

${MAIL_EXIT_CODES}`;

/** doctor */
export function addDoctorCommand({ program, action }: CommandContext): void {
  reachingCommand(
    program,
    "doctor",
    "examine server, login, listing and database, and say what is wrong with them",
    HELP,
  )
    .option("--no-retrieve", "retrieve no message for a trial: some servers mark what is retrieved as read")
    .option(
      "--save-certificate <FILE>",
      "write what must be trusted for the server's certificate to be, for --ca FILE: PEM, never over a file",
    )
    .action(action(async () => (await import("./doctor.ts")).examineAccounts));
}
