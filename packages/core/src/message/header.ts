import { labelOf } from "./block-label.ts";
import { type MessageDate, readDate } from "./date.ts";
import { fieldText } from "./field.ts";
import { fieldStart, nextField, nextLine } from "./header-fields.ts";
import { latin1 } from "./octets.ts";
import { receivedDate } from "./received-date.ts";

/**
 * How sure a message's date is. `stated`: the Date field says so. `doubtful`: the Date field may mean another moment, for
 * example because it has no zone or an unknown one, or because a number may be the day or the month. `received`: there is
 * no Date field that can be read, and the date is that of the topmost Received field.
 */
export type DateKind = "stated" | "doubtful" | "received";

/** The header fields that are stored with a message, decoded; null if a field is missing or empty. */
export interface HeaderFields {
  /** The value of Message-ID as it stands. */
  readonly messageId: string | null;
  readonly subject: string | null;
  readonly from: string | null;
  readonly to: string | null;
  /** The message's date; null if neither a Date field nor a Received field has one that exists. */
  readonly date: Date | null;
  /** How sure `date` is; null if there is no date. */
  readonly dateKind: DateKind | null;
  /** True if the header says that the message holds more than text. This is a hint; the body is not looked at. */
  readonly attachments: boolean;
}

const TEXT_FIELDS = ["subject", "from", "to", "date", "message-id"];
const CONTENT_FIELDS = ["content-type", "content-disposition"];
const KEPT_FIELD = fieldStart([...TEXT_FIELDS, ...CONTENT_FIELDS]);
/** 1 for each octet with which one of these fields begins: by it most lines are passed over quickly. */
const KEPT_INITIALS = new Uint8Array(256);
for (const initial of Buffer.from("sftdmcSFTDMC")) KEPT_INITIALS[initial] = 1;

/** How many octets of a field are decoded: more than any column holds, and few enough for a million encoded words. */
const FIELD_OCTETS = 32 * 1024;
/** How many octets are read of Content-Type and Content-Disposition. */
const CONTENT_OCTETS = 100;

/** Reads these fields from a header block. Of several fields of one name the first with a value counts. Never throws. */
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
/** The subtypes of signed and of encrypted mail, which count as text. */
const SECURE = /^(?:x-)?pkcs7-(?:mime|signature)$/i;
const ATTACHMENT = /^\s{0,20}attachment\b/i;

function hasAttachments(contentType = "", disposition = ""): boolean {
  if (ATTACHMENT.test(disposition)) return true;
  const [, type = "text", subtype = ""] = TYPE.exec(contentType) ?? [];
  if (/^multipart$/i.test(type)) return /^mixed$/i.test(subtype);
  return !/^(?:text|plain)$/i.test(type) && !SECURE.test(subtype);
}
