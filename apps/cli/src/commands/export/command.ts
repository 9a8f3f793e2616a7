import { Option } from "commander";
import { type CommandContext, readCommand } from "../../definition/context.ts";
import { CHANGE_CODES, exitCodes, INTERRUPTED } from "../../help/exit-codes.ts";
import { positiveInteger } from "../../input/option-values.ts";

const HELP = `
Formats:
  eml      a folder, each message a file of its own, octet by octet
  maildir  a Maildir, as mail programs and IMAP servers read it; lines end in LF
  mbox     one file (mboxrd: a '>' before every 'From ' at the start of a line); lines end in LF
  jsonl    one file, a line of JSON for each message: what list --json says, text, addresses, parts

Examples:
  mailonce export --to backup                                       all, each in a file of its own
  mailonce export --to invoices.mbox --format mbox --where 'subject:invoice*'
  mailonce export --to - --format jsonl work | jq .subject
  mailonce export --to archive --format maildir --new nightly       what 'nightly' has not had, each once

Nothing that is there is overwritten. With --new one file goes on where the last run ended, also where that was killed.

${exitCodes({
  ...CHANGE_CODES,
  73: "a file or the folder cannot be written, or is not as it was left",
  75: "another process is writing the export of this name",
  130: INTERRUPTED,
})}`;

/** export */
export function addExportCommand({ program, action }: CommandContext): void {
  readCommand(
    program,
    "export",
    "write stored messages to files, in a format for other programs; existing files are left as they are",
    HELP,
  )
    .argument("[ACCOUNT]", "only the messages of this account, by its name, its maildrop's name or its URL")
    .option("--to <PATH>", "the folder to write to, created if missing; for mbox and jsonl the file, or -")
    .addOption(
      new Option("--format <FORMAT>", "how they are written")
        .choices(["eml", "maildir", "mbox", "jsonl"])
        .default("eml"),
    )
    .option("--where <QUERY>", "only what matches; see 'mailonce help searching'")
    .option("--new <NAME>", "only what no export of this name has had, and note that it has had it now")
    .option("--maildrop <NAME>", "only the messages of this maildrop")
    .option(
      "--limit <N>",
      "at most so many, newest first (of what is new, the oldest first)",
      positiveInteger,
    )
    .option("--raw", "in JSON Lines the messages' octets, too, in base64")
    .addOption(
      new Option(
        "--forget <NAME>",
        "write nothing, and forget what the export of this name has had",
      ).conflicts([...["to", "where", "new", "maildrop", "limit", "raw"]]),
    )
    .action(action(async () => (await import("./export.ts")).exportOrForget));
}
