import { labelOf } from "./block-label.ts";
import { type MessageDate, readDate } from "./date.ts";
import { fieldText } from "./field.ts";
import { fieldStart, nextField, nextLine } from "./header-fields.ts";
import { latin1 } from "./octets.ts";
import { receivedDate } from "./received.ts";

/**
 * How sure a message's date is. `stated`: its Date field says so. `doubtful`: its Date field can be read in another way,
 * too, for it has no zone, an unknown one, or a number that is day or month. `received`: it has no date that can be read, and
 * the moment is that of its topmost Received field.
 */
export type DateKind = "stated" | "doubtful" | "received";

/** The header fields that are kept with a message, decoded; null where the field is missing or says nothing. */
export interface HeaderFields {
  /** Message-ID as it stands. */
  readonly messageId: string | null;
  readonly subject: string | null;
  readonly from: string | null;
  readonly to: string | null;
  /** The message's moment; null where neither a Date field nor a Received field holds one that exists. */
  readonly date: Date | null;
  /** Null where there is no date. */
  readonly dateKind: DateKind | null;
  /** True if the message says of itself that there is more in it than text: a hint, by the header alone. */
  readonly attachments: boolean;
}

const TEXT_FIELDS = ["subject", "from", "to", "date", "message-id"];
const CONTENT_FIELDS = ["content-type", "content-disposition"];
const KEPT_FIELD = fieldStart([...TEXT_FIELDS, ...CONTENT_FIELDS]);
/** 1 for each octet that one of them begins with: most lines need no closer look. */
const KEPT_INITIALS = new Uint8Array(256);
for (const initial of Buffer.from("sftdmcSFTDMC")) KEPT_INITIALS[initial] = 1;

/** What is looked at of a field: more than any column holds, and no sender's million encoded words. */
const FIELD_OCTETS = 32 * 1024;
/** What is looked at of a field that says what is in the message. */
const CONTENT_OCTETS = 100;

/** Reads the kept fields from a header block. The first field of a name that says something counts. Never throws. */
export function readHeader(block: Uint8Array): HeaderFields {
  const text = latin1(block);
  const label = labelOf(text);
  const kept = new Map<string, string>();
  let stated: MessageDate | null = null;
  for (let start = 0; start < text.length; start = nextLine(text, start)) {
    if (KEPT_INITIALS[text.charCodeAt(start)] !== 1) continue;
    KEPT_FIELD.lastIndex = start;
    const name = KEPT_FIELD.exec(text)?.[1]?.toLowerCase();
    if (name === undefined || kept.has(name)) continue;
    const from = KEPT_FIELD.lastIndex;
    if (name.startsWith("content-")) {
      kept.set(name, text.slice(from, from + CONTENT_OCTETS));
      continue;
    }
    const value = fieldText(text.slice(from, Math.min(nextField(text, from), from + FIELD_OCTETS)), label);
    if (value === null) continue;
    if (name === "date") stated = readDate(value);
    if (name !== "date" || stated !== null) kept.set(name, value);
  }
  const dated = stated ?? receivedDate(text);
  return {
    messageId: kept.get("message-id") ?? null,
    subject: kept.get("subject") ?? null,
    from: kept.get("from") ?? null,
    to: kept.get("to") ?? null,
    date: dated?.moment ?? null,
    dateKind: dated === null ? null : kindOf(stated),
    attachments: hasAttachments(kept.get("content-type"), kept.get("content-disposition")),
  };
}

function kindOf(stated: MessageDate | null): DateKind {
  if (stated === null) return "received";
  return stated.doubts.length === 0 ? "stated" : "doubtful";
}

const TYPE = /^\s{0,20}([a-z]+)\/([a-z0-9.+-]+)/i;
/** Signed and encrypted mail, which is text all the same. */
const SECURE = /^(?:x-)?pkcs7-(?:mime|signature)$/i;
const ATTACHMENT = /^\s{0,20}attachment\b/i;

function hasAttachments(contentType = "", disposition = ""): boolean {
  if (ATTACHMENT.test(disposition)) return true;
  const [, type = "text", subtype = ""] = TYPE.exec(contentType) ?? [];
  if (/^multipart$/i.test(type)) return /^mixed$/i.test(subtype);
  return !/^(?:text|plain)$/i.test(type) && !SECURE.test(subtype);
}
