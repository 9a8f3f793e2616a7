import type { ContentPart } from "./content.ts";

const SIGNATURE = /^application\/(?:pgp-signature|(?:x-)?pkcs7-signature|pgp-encrypted)$/;
const PICTURE = /^image\//;
const PICTURE_FILE = /\.(?:gif|jpe?g|png|bmp|svg|webp|tiff?)$/i;

/** Whether a person would say that a message has an attachment: `MessageContent.hasAttachment` says what that is. */
export function hasAttachment(parts: readonly ContentPart[], html: Iterable<string>): boolean {
  const files = parts.filter(isAttached);
  if (files.length === 0) return false;
  const shown = new Set<string>();
  for (const source of html) for (const id of contentIdsIn(source)) shown.add(id);
  return files.some((part) => !(part.contentId !== null && isPicture(part) && shown.has(part.contentId)));
}

function isAttached({ use, mimeType, disposition }: ContentPart): boolean {
  if (use !== "attachment") return mimeType.startsWith("message/") && disposition === "attachment";
  return !SIGNATURE.test(mimeType);
}

function isPicture({ mimeType, fileName }: ContentPart): boolean {
  if (PICTURE.test(mimeType)) return true;
  return mimeType === "application/octet-stream" && PICTURE_FILE.test(fileName ?? "");
}

const CID = /\bcid:([^\s"'<>)]{1,500})/gi;

/** The ids of the parts to which HTML refers (RFC 2392). */
function* contentIdsIn(html: string): Generator<string> {
  for (const [, id = ""] of html.matchAll(CID)) {
    yield id;
    if (id.includes("%")) yield percentDecoded(id);
    if (id.includes("&amp;")) yield id.replaceAll("&amp;", "&");
  }
}

function percentDecoded(id: string): string {
  return id.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
