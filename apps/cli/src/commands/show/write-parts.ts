import { basename, dirname, resolve } from "node:path";
import { type ContentPart, isFile, type MessageContent, partContent } from "@mailonce/content";
import type { StoredMessage } from "@mailonce/core";
import { decodeCharset } from "@mailonce/core/message";
import { usageError } from "../../input/usage-error.ts";
import { makeFolder, writeNewFile } from "../../output/new-file.ts";
import { safeBlock, safeLine } from "../../output/safe-text.ts";
import type { Terminal } from "../../output/terminal.ts";
import { AttachmentNames } from "./attachment-name.ts";
import { describePart, findPart, partFacts, partLabel } from "./parts.ts";

/** A larger text is not for a terminal, and would have to be in memory as a whole. */
const LONGEST_ON_TERMINAL = 4_000_000;

/** A message that was read, and where what is in it goes. */
export interface PartsToWrite {
  readonly message: StoredMessage;
  readonly content: MessageContent;
  /** The octets of the message, anew at each call. */
  readonly octets: () => AsyncIterable<Uint8Array>;
  readonly terminal: Terminal;
  readonly json: boolean;
}

/**
 * Writes the decoded octets of one part to a file, or without one to standard output.
 * @throws FailureError (`usage`) if there is no such part, or it is not for a terminal; (`unwritable`)
 */
export async function writePart(work: PartsToWrite, label: string, to: string | undefined): Promise<void> {
  const part = findPart(work.content, label);
  if (to !== undefined) return await writeFile(work, part, dirname(resolve(to)), [basename(resolve(to))]);
  const { terminal, json } = work;
  if (json)
    throw usageError("usage", "--json goes with --part only where --to FILE says where the part goes");
  if (terminal.outputIsTerminal) return await showPart(work, part);
  for await (const octets of octetsOf(work, part)) await terminal.write(octets);
}

/** Writes all attachments into a folder, a new file each. @throws FailureError (`unwritable`) */
export async function writeAttachments(work: PartsToWrite, folder: string): Promise<void> {
  const files = work.content.parts.filter(isFile);
  if (files.length === 0) {
    const sentence = "The message has no attachments.";
    if (work.json) work.terminal.note(sentence);
    else await work.terminal.line(sentence);
    return;
  }
  const path = resolve(folder);
  await makeFolder(path);
  const names = new AttachmentNames();
  for (const part of files) await writeFile(work, part, path, names.of(part));
}

async function writeFile(
  work: PartsToWrite,
  part: ContentPart,
  folder: string,
  names: Iterable<string>,
): Promise<void> {
  const file = await writeNewFile(folder, names, octetsOf(work, part));
  const line = { type: "file", id: work.message.id, file, ...partFacts(part) };
  await work.terminal.result(
    work.json,
    line,
    `part ${partLabel(part)} written to ${describePart(part, file)}`,
  );
}

function octetsOf({ octets }: PartsToWrite, { number, fileIndex }: ContentPart): AsyncIterable<Uint8Array> {
  return partContent(octets(), number, fileIndex);
}

/** A text in its charset, and nothing that a terminal might obey. */
async function showPart(work: PartsToWrite, part: ContentPart): Promise<void> {
  const { charset, octets } = part;
  if (charset === null || octets > LONGEST_ON_TERMINAL) {
    const why = charset === null ? `is ${safeLine(part.mimeType)}, no text` : "is too long for a terminal";
    throw usageError("not-for-terminals", `part ${partLabel(part)} ${why}: --to FILE writes it to a file`);
  }
  const pieces: Uint8Array[] = [];
  for await (const piece of octetsOf(work, part)) pieces.push(piece);
  const { text } = decodeCharset(Buffer.concat(pieces), charset);
  await work.terminal.write(`${safeBlock(text).trimEnd()}\n`);
}
