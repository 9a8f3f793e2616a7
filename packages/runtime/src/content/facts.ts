import {
  CONTENT_VERSION,
  type ContentAddress,
  type ContentPart,
  isFile,
  type MessageContent,
} from "@mailonce/content";
import { DECODER_VERSION } from "@mailonce/core";
import { messageTokens } from "@mailonce/core/search";
import { WORDS_VERSION } from "@mailonce/core/words";
import type { ContentSettings } from "../account/settings.ts";
import type { DerivedAddress, NewContent } from "./ports.ts";

/** Raised whenever something else is kept of what is read. 1: message-ids, by which conversations are found. */
const KEPT_VERSION = 1;

/** The version of what is made of a message: it grows with each of the versions that it is made of. */
export const FACTS_VERSION = DECODER_VERSION + CONTENT_VERSION + WORDS_VERSION + KEPT_VERSION;

/** So much of a text is kept, in UTF-16 code units. */
export const MOST_TEXT = 2 ** 20;

/** What is known of a file in a message. */
export type FileFacts = Pick<ContentPart, "number" | "fileIndex" | "octets" | "sha256">;

/** What is kept of what is in a message, and which of its parts are files. */
export interface ContentFacts extends Omit<NewContent, "id" | "parser" | "attachments"> {
  readonly files: readonly FileFacts[];
}

/** Takes what is kept from what was read. `block` is the message's header block. */
export function factsOf(content: MessageContent, block: Uint8Array, settings: ContentSettings): ContentFacts {
  const text = settings.text ? beginning(content.text) : null;
  const fileNames = content.parts.flatMap(({ fileName }) => fileName ?? []);
  const { html, preview, hasAttachment, messageId, inReplyTo, references, faults, parts, addresses } =
    content;
  return {
    text,
    textCut: text !== null && text.length < content.text.length,
    html: settings.html && html !== null ? beginning(html) : null,
    preview: preview === "" ? null : preview,
    hasAttachment,
    messageId,
    inReplyTo,
    references,
    faults,
    parts,
    files: parts
      .filter(isFile)
      .map(({ number, fileIndex, octets, sha256 }) => ({ number, fileIndex, octets, sha256 })),
    addresses: addresses.flatMap(derivedAddress),
    tokens: messageTokens({ block, text: text ?? "", fileNames }),
  };
}

/** One that has a name alone is not kept. */
function derivedAddress({ role, name, addressKey }: ContentAddress): readonly DerivedAddress[] {
  return addressKey === null ? [] : [{ role, address: addressKey, displayName: name }];
}

function beginning(text: string): string {
  if (text.length <= MOST_TEXT) return text;
  const cut = text.slice(0, MOST_TEXT);
  // Not within a character that takes two units.
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}
