import { type CommandContext, groupCommand, readCommand } from "../../definition/context.ts";
import { CHANGE_CODES, exitCodes, READ_CODES } from "../../help/exit-codes.ts";

const EXIT_CODES = exitCodes({
  ...CHANGE_CODES,
  2: "there is no such maildrop, or the new name is taken",
  75: "the maildrop is in use",
});

const HELP = `
A maildrop is what the database knows of the mail of one account. It is called as the account is, or, fetched by a
bare URL, USER@HOST. With another name a maildrop is another one: all would be downloaded again. So whoever moves to
an accounts file, or gives an account another name, renames the maildrop, or writes its name into the account
('maildrop: USER@HOST'). Until then 'mailonce fetch' refuses, and says how. It does so, too, where another maildrop
holds the same mailbox under another URL, unless that is wanted: --apart, or 'apart: true' in the accounts file.

Examples:
  mailonce maildrop list
  mailonce maildrop rename joe@mail.example.org work

${EXIT_CODES}`;

/** maildrop list and rename */
export function addMaildropCommands({ program, action }: CommandContext): void {
  const maildrop = groupCommand(program, "maildrop", "see to the maildrops of the database", HELP);

  readCommand(
    maildrop,
    "list",
    "list them, and the accounts that they belong to",
    exitCodes(READ_CODES),
  ).action(action(async () => (await import("./list.ts")).listMaildrops));

  readCommand(maildrop, "rename", "give one another name; nothing of it is downloaded again", EXIT_CODES)
    .argument("<OLD>", "its name, or the URL that it was fetched by")
    .argument("<NEW>", "its new name, such as the name of an account")
    .action(action(async () => (await import("./rename.ts")).renameStoredMaildrop));
}
