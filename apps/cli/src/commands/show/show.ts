import { type ContentPart, type MessageContent, readContent } from "@mailonce/content";
import type { Messages, StoredMessage } from "@mailonce/core";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { usageError } from "../../input/usage-error.ts";
import { formatOctets } from "../../output/format.ts";
import { messageLine } from "../../output/json-lines.ts";
import { safeBlock, safeLine } from "../../output/safe-text.ts";
import type { Terminal } from "../../output/terminal.ts";
import { NO_DATABASE, openToRead } from "../../store/open-store.ts";
import { findMessage } from "./find-message.ts";

interface ShowCommandOptions extends CommonOptions {
  readonly raw?: boolean;
}

/** `mailonce show ID` */
export async function showMessage(
  id: string,
  options: ShowCommandOptions,
  { terminal, env }: Invocation,
): Promise<void> {
  await using store = (await openToRead(options, env)).store;
  if (store === null) throw usageError("no-such-message", NO_DATABASE);
  const message = await findMessage(store, id);
  if (options.raw === true) {
    for await (const octets of store.content(message.id)) await terminal.write(octets);
    return;
  }
  const content = readContent(await wholeContent(store, message));
  if (options.json === true) await terminal.json(messageLine(message, contentFacts(content)));
  else await writeForPeople(message, content, terminal);
}

async function wholeContent(store: Messages, message: StoredMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const octets of store.content(message.id)) chunks.push(octets);
  return Buffer.concat(chunks);
}

/** The fields of a message's content in its line of JSON. */
function contentFacts({ headers, text, parts, faults }: MessageContent): object {
  const attachments = parts.filter(isFile).map((part) => ({
    filename: part.fileName,
    mimeType: part.mimeType,
    octets: part.octets,
  }));
  return { headers, text, attachments, faults };
}

/** Whether a part is listed as an attachment: it is no part of the text, or it has a file name although it is. */
function isFile({ use, fileName }: ContentPart): boolean {
  return use === "attachment" || fileName !== null;
}

async function writeForPeople(
  message: StoredMessage,
  { headers, text, parts, faults }: MessageContent,
  terminal: Terminal,
): Promise<void> {
  for (const { name, value } of headers) {
    await terminal.line(`${terminal.bold(`${safeLine(name)}:`)} ${safeLine(value)}`);
  }
  await terminal.write(`\n${safeBlock(text).trimEnd()}\n`);
  const facts = [`id ${message.id}`, `maildrop ${safeLine(message.maildrop)}`, formatOctets(message.octets)];
  const attachments = parts
    .filter(isFile)
    .map(
      ({ fileName, mimeType, octets }) =>
        `attachment ${safeLine(fileName ?? "without a name")} (${safeLine(mimeType)}, ${formatOctets(octets)})`,
    );
  const notes = faults.map((fault) => `note: ${fault}`);
  for (const line of ["", ...attachments, ...notes, facts.join(", ")])
    await terminal.line(terminal.faint(line));
}
