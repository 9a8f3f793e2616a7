import type { HeaderLabel } from "@mailonce/core/message";
import type { TransferEncoding } from "../encoding/transfer-encoding.ts";
import { readTransferEncoding } from "../encoding/transfer-encoding.ts";
import type { Body } from "./body.ts";
import { fieldText, type HeaderBlock, type RawField } from "./header-block.ts";
import { type MediaType, readMediaType } from "./media-type.ts";
import { type Parameters, readParameters } from "./parameters.ts";

/** A message or a part of one (RFC 2045 section 2.4): its header and where its body is. */
export interface Entity {
  readonly fields: readonly RawField[];
  /** The charset of octets in the header that are neither ASCII nor UTF-8; null where nothing tells. */
  readonly label: HeaderLabel;
  type: MediaType;
  readonly encoding: TransferEncoding;
  readonly disposition: Disposition;
  /** How deep it stands: the whole message at 0. */
  readonly depth: number;
  /** What it is a part of, or the message that is attached; null for the whole message. */
  readonly parent: Entity | null;
  /** Its place among the parts of that, from 1. */
  readonly place: number;
  /** The parts of a multipart, or the message that is attached. */
  readonly children: Entity[];
  /** It is a message that is attached and encoded, which RFC 2045 section 6.4 forbids. */
  readonly isEncodedMessage: boolean;
  /** Its octets. */
  readonly body: Body;
}

/** What Content-Disposition says (RFC 2183). */
export interface Disposition {
  /** Null where nothing is said. What is neither `inline` nor `attachment` is treated as the latter. */
  readonly kind: "inline" | "attachment" | null;
  readonly parameters: Parameters;
}

/** What a header says of the entity that it begins. */
export type HeaderFacts = Pick<Entity, "fields" | "label" | "type" | "encoding" | "disposition">;

/** Reads the header of an entity; `missing` is the type of one that does not say it. */
export function headerFacts(header: HeaderBlock, missing: string): HeaderFacts {
  const { fields, label } = header;
  return {
    fields,
    label,
    type: readMediaType(header, missing),
    encoding: readTransferEncoding(fieldText(fields, "content-transfer-encoding")),
    disposition: readDisposition(fieldText(fields, "content-disposition"), label),
  };
}

/** The number that IMAP gives an entity (RFC 9051 section 6.4.5); empty for the multipart that is a whole message. */
export function numberOf(entity: Entity): string {
  if (isWholeMessage(entity)) return "";
  const { parent, place } = entity;
  const around = parent !== null && isWholeMessage(parent) ? parent.parent : parent;
  const prefix = around === null ? "" : numberOf(around);
  return prefix === "" ? `${place}` : `${prefix}.${place}`;
}

/** A multipart that is all of a message: its parts are numbered as the message's. */
function isWholeMessage({ type, parent, children }: Entity): boolean {
  return type.top === "multipart" && children.length > 0 && (parent === null || isMessage(parent));
}

export function isMultipart({ type }: Pick<Entity, "type">): boolean {
  return type.top === "multipart";
}

const MESSAGES: ReadonlySet<string> = new Set(["message/rfc822", "message/global", "message/news"]);

/** True if its body is a message. */
export function isMessage({ type }: Pick<Entity, "type">): boolean {
  return MESSAGES.has(type.name);
}

function readDisposition(text: string | null, label: HeaderLabel): Disposition {
  if (text === null) return { kind: null, parameters: new Map() };
  const word = /^\s*"?\s*([\w-]+)"?/.exec(text)?.[0] ?? "";
  // A parameter without a disposition before it.
  const rest = text.slice(word.length);
  const isBare = /^\s*\*?\s*=/.test(rest);
  const kind = word.replace(/[^\w-]/g, "").toLowerCase();
  if (isBare || kind === "") return { kind: null, parameters: readParameters(text, label) };
  return { kind: kind === "inline" ? "inline" : "attachment", parameters: readParameters(rest, label) };
}
