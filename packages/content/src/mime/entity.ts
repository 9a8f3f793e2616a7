import type { HeaderLabel } from "@mailonce/core/message";
import type { TransferEncoding } from "../encoding/transfer-encoding.ts";
import { readTransferEncoding } from "../encoding/transfer-encoding.ts";
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
  /** The octets in which the body stands, from `bodyStart` to before `bodyEnd`. */
  readonly source: Buffer;
  readonly bodyStart: number;
  bodyEnd: number;
  /** The parts of a multipart, or the message that is attached. */
  readonly children: Entity[];
  /** Section number as IMAP counts (RFC 9051 section 6.4.5); empty for the multipart that is a whole message. */
  number: string;
}

/** What Content-Disposition says (RFC 2183). */
export interface Disposition {
  /** Null where nothing is said. What is neither `inline` nor `attachment` is treated as the latter. */
  readonly kind: "inline" | "attachment" | null;
  readonly parameters: Parameters;
}

/** Makes an entity of its header; `missing` is the type of one that does not say it. */
export function entityOf(
  header: HeaderBlock,
  missing: string,
  place: Pick<Entity, "depth" | "source" | "bodyEnd">,
): Entity {
  const { fields, label, bodyStart } = header;
  return {
    fields,
    label,
    type: readMediaType(header, missing),
    encoding: readTransferEncoding(fieldText(fields, "content-transfer-encoding")),
    disposition: readDisposition(fieldText(fields, "content-disposition"), label),
    bodyStart,
    ...place,
    children: [],
    number: "",
  };
}

/** The body as it stands. */
export function rawBody({ source, bodyStart, bodyEnd }: Entity): Buffer {
  return source.subarray(bodyStart, bodyEnd);
}

export function isMultipart({ type }: Entity): boolean {
  return type.top === "multipart";
}

const MESSAGES: ReadonlySet<string> = new Set(["message/rfc822", "message/global", "message/news"]);

/** True if its body is a message. */
export function isMessage({ type }: Entity): boolean {
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
