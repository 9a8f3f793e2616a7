import { decodeTransfer } from "./encoding/transfer-encoding.ts";
import { fileNameOf } from "./file-name.ts";
import type { BodyBounds } from "./mime/body.ts";
import { type Entity, isMultipart } from "./mime/entity.ts";
import { charsetLabel, readAsType } from "./mime/media-type.ts";
import type { ScanBudget } from "./mime/scanner.ts";
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

/** A part that has no parts of its own. */
export interface Leaf {
  readonly entity: Entity;
  readonly kind: LeafKind;
  /** The decoded octets of a text, as far as they are kept; of what is no text, none. */
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
  "message/partial": "octets",
  "application/pgp": "plain",
};

const NOTHING = Buffer.alloc(0);

/** Reads a part that has no parts, once it has ended. */
export function readLeaf(entity: Entity, budget: ScanBudget): Leaf {
  const { body, encoding } = entity;
  const fileName = fileNameOf(entity);
  const stated = statedKind(entity, fileName);
  if (body.isLarge && stated !== "octets")
    budget.faults.note(
      `a text is too large for the ${budget.limits.octets} octets that are kept; the rest is left out`,
    );
  const octets = body.isLarge
    ? body.beginning()
    : decodeTransfer(body.whole(), encoding, purposeOf(entity, stated), budget.faults);
  if (!body.isLarge) body.settle(octets);
  const kind = actualKind(stated, entity, octets, fileName);
  if (kind === "octets") return { entity, kind, octets: NOTHING, fileName };
  budget.octetsLeft -= octets.length;
  // A copy: the octets of the message around it need not stay in memory.
  return { entity, kind, octets: Buffer.from(octets), fileName };
}

/** What is kept of an entity's body: of what is no text, only as much as is decoded at once. */
export function boundsOf(entity: Entity, { limits, octetsLeft }: ScanBudget): BodyBounds {
  const stated = statedKind(entity, fileNameOf(entity));
  const left = Math.max(0, octetsLeft);
  const purpose = purposeOf(entity, stated);
  // Uuencoded lines may be short and mean many octets.
  return stated === "octets" || entity.encoding === "uuencode"
    ? { whole: Math.min(limits.partOctets, left), beginning: stated === "octets" ? 0 : left, purpose }
    : { whole: left, beginning: left, purpose };
}

function purposeOf(entity: Entity, stated: LeafKind): "text" | "octets" {
  return stated === "octets" || isWide(entity) ? "octets" : "text";
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
  if ((stated === "enriched" || stated === "richtext") && !mayBeText(octets)) return "octets";
  if (stated !== "plain" && stated !== "html") return stated;
  // A file that states no type may be anything. A part that says it is text, or has no file name, is text if it may be.
  const isText = type.isStated || fileName === null ? mayBeText : looksLikeText;
  if ((!type.isStated || fileName !== null) && !isText(octets)) return "octets";
  if (stated === "html" || type.name !== "text/plain" || fileName !== null) return stated;
  const beginning = octets.toString("latin1", 0, LOOKED_AT).replaceAll("\0", "");
  return HTML_BEGINNING.test(beginning) ? "html" : stated;
}
