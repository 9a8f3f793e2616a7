import { isFile, type MessageContent, readContent } from "@mailonce/content";
import type { StoredMessage } from "@mailonce/core";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import { type Interrupt, watchInterrupt } from "../../input/interrupt.ts";
import type { Invocation } from "../../input/invocation.ts";
import { usageError } from "../../input/usage-error.ts";
import { formatOctets } from "../../output/format.ts";
import { messageLine } from "../../output/json-lines.ts";
import { safeBlock, safeLine } from "../../output/safe-text.ts";
import type { Terminal } from "../../output/terminal.ts";
import { intactContent } from "../../store/intact-content.ts";
import { NO_DATABASE, openToRead } from "../../store/open-store.ts";
import { findMessage } from "./find-message.ts";
import { describePart, partFacts, partLabel } from "./parts.ts";
import { showThread } from "./thread.ts";
import { writeAttachments, writePart } from "./write-parts.ts";

interface ShowCommandOptions extends CommonOptions {
  readonly raw?: boolean;
  readonly html?: boolean;
  readonly part?: string;
  readonly to?: string;
  readonly attachments?: string;
  readonly thread?: boolean;
}

/** `mailonce show ID` */
export async function showMessage(
  id: string,
  options: ShowCommandOptions,
  { terminal, env }: Invocation,
): Promise<void> {
  const { part, to, attachments, json = false } = options;
  if (to !== undefined && part === undefined)
    throw usageError("usage", "--to goes with --part: it says where the part goes");
  await using store = (await openToRead(options, env)).store;
  if (store === null) throw usageError("no-such-message", NO_DATABASE);
  const message = await findMessage(store, id);
  if (options.thread === true) return await showThread(store, message, terminal, json);
  const octets = (): AsyncIterable<Uint8Array> => store.content(message.id);
  if (options.raw === true) {
    for await (const piece of octets()) await terminal.write(piece);
  } else if (part !== undefined || attachments !== undefined) {
    using interrupt = watchInterrupt(terminal);
    const read = (): AsyncIterable<Uint8Array> => interruptible(octets(), interrupt);
    // Nothing is written of a message that is not whole; what can be read of it is shown all the same.
    const content = await readContent(intactContent(message, read()));
    const work = { message, content, octets: read, terminal, json };
    if (part !== undefined) await writePart(work, part, to);
    else if (attachments !== undefined) await writeAttachments(work, attachments);
  } else {
    const content = await readContent(octets());
    if (options.html === true) await writeHtml(content, terminal);
    else if (json) await terminal.json(messageLine(message, contentFacts(content)));
    else await writeForPeople(message, content, terminal);
  }
}

async function* interruptible(
  octets: AsyncIterable<Uint8Array>,
  { signal }: Interrupt,
): AsyncGenerator<Uint8Array, void> {
  for await (const piece of octets) {
    signal.throwIfAborted();
    yield piece;
  }
}

/** The fields of a message's content in its line of JSON. */
function contentFacts({ headers, text, parts, faults }: MessageContent): object {
  const attachments = parts.filter(isFile).map((part) => ({
    filename: part.fileName,
    mimeType: part.mimeType,
    octets: part.octets,
  }));
  return { headers, text, attachments, parts: parts.map(partFacts), faults };
}

async function writeHtml({ html }: MessageContent, terminal: Terminal): Promise<void> {
  if (html === null) throw usageError("no-html", "the message has no HTML");
  await terminal.write(terminal.outputIsTerminal ? safeBlock(html) : html);
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
    .map((part) => `attachment ${partLabel(part)} ${describePart(part, part.fileName ?? "without a name")}`);
  const notes = faults.map((fault) => `note: ${fault}`);
  for (const line of ["", ...attachments, ...notes, facts.join(", ")])
    await terminal.line(terminal.faint(line));
}
