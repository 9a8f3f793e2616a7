import { decodeTransfer } from "./encoding/transfer-encoding.ts";
import type { Faults } from "./faults.ts";
import { fileNameOf } from "./file-name.ts";
import { type Entity, isMultipart, rawBody } from "./mime/entity.ts";
import { charsetLabel, readAsType } from "./mime/media-type.ts";
import { looksLikeText, mayBeText } from "./octets/sniff.ts";

/** How a part is read that has no parts of its own. */
export type LeafKind =
  | "plain"
  | "html"
  /** AMP: HTML that mail programs run. */
  | "amp"
  | "enriched"
  | "richtext"
  | "calendar"
  /** It consists of header fields. */
  | "fields"
  /** It is not read as text. */
  | "octets";

/** A part that has no parts of its own, with its octets decoded. */
export interface Leaf {
  readonly entity: Entity;
  readonly kind: LeafKind;
  readonly octets: Buffer;
  readonly fileName: string | null;
}

const KINDS: Readonly<Record<string, LeafKind>> = {
  "text/html": "html",
  "text/x-amp-html": "amp",
  "text/watch-html": "amp",
  "text/enriched": "enriched",
  "text/richtext": "richtext",
  "text/calendar": "calendar",
  "text/rfc822-headers": "fields",
  "message/delivery-status": "fields",
  "message/global-delivery-status": "fields",
  "message/disposition-notification": "fields",
  "message/global-disposition-notification": "fields",
  "message/global-headers": "fields",
  "message/feedback-report": "fields",
  "text/rtf": "octets",
  "application/pgp": "plain",
};

/** Reads a part that has no parts. */
export function readLeaf(entity: Entity, faults: Faults): Leaf {
  const fileName = fileNameOf(entity);
  const stated = statedKind(entity, fileName);
  const purpose = stated === "octets" || isWide(entity) ? "octets" : "text";
  const octets = decodeTransfer(rawBody(entity), entity.encoding, purpose, faults);
  return { entity, kind: actualKind(stated, entity, octets, fileName), octets, fileName };
}

/** Whether a text has two or four octets a character. The octets of such a text do not look like text. */
function isWide({ type }: Entity): boolean {
  return /^"?(?:utf-?(?:16|32)|ucs-?[24])/i.test(charsetLabel(type) ?? "");
}

function statedKind(entity: Entity, fileName: string | null): LeafKind {
  const { type } = entity;
  if (isMultipart(entity)) return "plain";
  const known = KINDS[readAsType(type)];
  if (known !== undefined) return known;
  if (/\.(?:ics|vcs|ifb)$/i.test(fileName ?? "") && type.top !== "text") return "calendar";
  return type.top === "text" || type.top === "message" ? "plain" : "octets";
}

const HTML_BEGINNING = /^[\s\ufeff\xef\xbb\xbf]*(?:<!doctype html|<html[\s>])/i;
const LOOKED_AT = 1024;

/** How a part is read, which may not be what it says that it is. */
function actualKind(stated: LeafKind, { type }: Entity, octets: Buffer, fileName: string | null): LeafKind {
  if (stated !== "plain" && stated !== "html") return stated;
  // A file that states no type may be anything. A part that says it is text, or has no file name, is text if it may be.
  const isText = type.isStated || fileName === null ? mayBeText : looksLikeText;
  if ((!type.isStated || fileName !== null) && !isText(octets)) return "octets";
  if (stated === "html" || type.name !== "text/plain" || fileName !== null) return stated;
  const beginning = octets.toString("latin1", 0, LOOKED_AT).replaceAll("\0", "");
  return HTML_BEGINNING.test(beginning) ? "html" : stated;
}
