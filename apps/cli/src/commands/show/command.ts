import { Option } from "commander";
import { type CommandContext, readCommand } from "../../definition/context.ts";
import { exitCodes, INTERRUPTED, READ_CODES, WRONG_USAGE } from "../../help/exit-codes.ts";

const HELP = `
Attachments are listed with their numbers, which --part takes; --json lists all parts. A file within a text (uuencode,
yEnc) has that text's number and its own: 1/1, 1/2. A part is written as it was before it was encoded for its way:
exactly these octets, and nothing made safe. Only on a terminal, a text is shown in its charset, without what a
terminal might obey. --attachments writes new files only, by the names in the message, made safe for file systems;
where a name is taken, "bill (2).pdf". What is in the files may do harm all the same, and so may --html in a browser:
scripts, pictures.

--thread lists the conversation by what messages say they answer, over all maildrops: > marks the message itself, = one with
the same Message-ID as the one above it. It finds what was read already: 'mailonce index' reads what is left.

Examples:
  mailonce show 1f0c9a2b77e3
  mailonce show 1f0c9a2b77e3 --part 2 --to bill.pdf
  mailonce show 1f0c9a2b77e3 --attachments .
  mailonce show 1f0c9a2b77e3 --thread
${exitCodes({
  ...READ_CODES,
  2: `${WRONG_USAGE}, no message or several have this id, or it has no such part or no HTML`,
  69: "database unreachable, or the message is damaged in it",
  73: "a file or the folder cannot be written, or is there already",
  130: INTERRUPTED,
})}`;

/** show */
export function addShowCommand({ program, action }: CommandContext): void {
  readCommand(program, "show", "show a stored message: its headers and text, or what else is in it", HELP)
    .argument("<ID>", "the id as list shows it, or the beginning of the whole id")
    .addOption(
      new Option("--raw", "exactly the octets that the server sent, to standard output").conflicts([
        "json",
        "html",
        "part",
        "to",
        "attachments",
      ]),
    )
    .addOption(
      new Option(
        "--html",
        "the source of its HTML as it is, to standard output; nothing is made safe",
      ).conflicts(["json", "part", "to", "attachments"]),
    )
    .addOption(
      new Option(
        "--part <N>",
        "the decoded octets of this part, to standard output or --to a file",
      ).conflicts("attachments"),
    )
    .addOption(
      new Option("--to <FILE>", "where --part goes: a new file, nothing is overwritten").conflicts(
        "attachments",
      ),
    )
    .addOption(
      new Option(
        "--thread",
        "the conversation that it belongs to: what it answers, and what answers it",
      ).conflicts(["raw", "html", "part", "to", "attachments"]),
    )
    .option("--attachments <DIR>", "all attachments, a new file each in this folder; created if missing")
    .action(action(async () => (await import("./show.ts")).showMessage));
}
