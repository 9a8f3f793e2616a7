import type { MessageStore, StoredMessage } from "@mailonce/core";
import { EXIT, type ExitCode, FailureError } from "@mailonce/runtime";
import { findMessage } from "../find-message.ts";
import { formatOctets } from "../format.ts";
import { NO_DATABASE } from "../help.ts";
import { jsonLine, messageLine } from "../json-lines.ts";
import { openToRead, type PlaceOptions } from "../ledger-settings.ts";
import { type MailText, readMail } from "../mail-text.ts";
import type { Invocation } from "../program.ts";
import { safeBlock, safeLine } from "../safe-text.ts";
import type { Terminal } from "../terminal.ts";

/** The options of show. */
export interface ShowOptions extends PlaceOptions {
  readonly json?: boolean;
  readonly raw?: boolean;
}

/** `mailonce show ID` */
export async function showMessage(
  id: string,
  options: ShowOptions,
  { terminal, env }: Invocation,
): Promise<ExitCode> {
  await using store = (await openToRead(options, env)).store;
  if (store === null) {
    throw new FailureError("no-such-message", NO_DATABASE, EXIT.usage);
  }
  const message = await findMessage(store, id);
  if (options.raw === true) {
    for await (const octets of store.content(message.id)) await terminal.write(octets);
    return EXIT.done;
  }
  const mail = await readMail(await wholeContent(store, message));
  if (options.json === true) await terminal.write(jsonLine(messageLine(message, mail)));
  else await writeForPeople(message, mail, terminal);
  return EXIT.done;
}

async function wholeContent(store: MessageStore, message: StoredMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const octets of store.content(message.id)) chunks.push(octets);
  return Buffer.concat(chunks);
}

async function writeForPeople(message: StoredMessage, mail: MailText, terminal: Terminal): Promise<void> {
  for (const { name, value } of mail.headers) {
    await terminal.line(`${terminal.bold(`${safeLine(name)}:`)} ${safeLine(value)}`);
  }
  await terminal.write(`\n${safeBlock(mail.text).trimEnd()}\n`);
  const facts = [`id ${message.id}`, `maildrop ${safeLine(message.maildrop)}`, formatOctets(message.octets)];
  const attachments = mail.attachments.map(
    ({ filename, mimeType, octets }) =>
      `attachment ${safeLine(filename ?? "without a name")} (${safeLine(mimeType)}, ${formatOctets(octets)})`,
  );
  for (const line of ["", ...attachments, facts.join(", ")]) await terminal.line(terminal.faint(line));
}
