import { isUtf8 } from "node:buffer";
import { decodeCharset } from "./charset.ts";
import { charsetOf } from "./charsets.ts";
import { misnamedWords } from "./encoded-words.ts";
import { fieldStart, nextField, nextLine } from "./header-fields.ts";
import { latin1 } from "./octets.ts";

/** How many octets of a header block are looked at, */
const MAX_BLOCK = 64 * 1024;
/** and how many of its octets that are neither ASCII nor UTF-8. */
const MAX_RAW = 1024;

/**
 * The charset of the octets in a header block that are neither ASCII nor UTF-8. The label of the message's text and those
 * of encoded words are looked at, and what all these octets, with those of misnamed words, look like together. `block` is
 * the beginning of the header block as ISO 8859-1.
 */
function blockLabel(block: string, misnamed: ReadonlyMap<string, Uint8Array>): string | null {
  const raw = Buffer.concat([rawOctets(block), ...misnamed.values()]).subarray(0, 2 * MAX_RAW);
  const said =
    [contentLabel(block), wordLabel(block)].find(
      (label) => label !== null && saysMore(label) && !misnamed.has(label.toLowerCase()),
    ) ?? null;
  return raw.length === 0 ? said : decodeCharset(raw, said).charset;
}

/**
 * Without `label`, gives the charset of the octets in a header block that are neither ASCII nor UTF-8; null if nothing
 * tells it. With the label (in lower case) of encoded words, gives their real charset; null if the label is right.
 */
export type HeaderLabel = (label?: string) => string | null;

/** Makes the label of a header block as ISO 8859-1. It is found out at the first call, as most blocks never need it. */
export function labelOf(text: string): HeaderLabel {
  let misnamed: ReadonlyMap<string, Uint8Array> | undefined;
  let found: string | null | undefined;
  return (label) => {
    const block = text.slice(0, MAX_BLOCK);
    misnamed ??= misnamedWords(block);
    if (label !== undefined && !misnamed.has(label)) return null;
    if (found === undefined) found = blockLabel(block, misnamed);
    return found;
  };
}

/** Makes the label of a header block for `decodeField`, which with it gives the same text of a field as `readHeader`. */
export function headerLabel(block: Uint8Array): HeaderLabel {
  let label: HeaderLabel | undefined;
  return (own) => {
    label ??= labelOf(latin1(block.length > MAX_BLOCK ? block.subarray(0, MAX_BLOCK) : block));
    return label(own);
  };
}

/** True if octets that are neither ASCII nor UTF-8 can be in the charset of the label. No header is in UTF-16. */
function saysMore(label: string): boolean {
  const charset = charsetOf(label);
  return (
    charset !== null &&
    !["wide", "ebcdic"].includes(charset.shape) &&
    !["us-ascii", "utf-8"].includes(charset.name)
  );
}

const CONTENT_TYPE = fieldStart(["content-type"]);
const CHARSET = /;\s{0,20}charset\s{0,20}=\s{0,20}["']?([^"';\s]{1,80})/i;
const WORD_LABEL = /=\?([^\s?=*]{1,80})(?:\*[^\s?]{0,20})?\?[bq]\?/i;

function contentLabel(block: string): string | null {
  for (let start = 0; start < block.length; start = nextLine(block, start)) {
    CONTENT_TYPE.lastIndex = start;
    if (!CONTENT_TYPE.test(block)) continue;
    return CHARSET.exec(block.slice(CONTENT_TYPE.lastIndex, nextField(block, start)))?.[1] ?? null;
  }
  return null;
}

function wordLabel(block: string): string | null {
  return WORD_LABEL.exec(block)?.[1] ?? null;
}

const RAW = /[\x80-\xff]/;

/** The lines with octets that are neither ASCII nor UTF-8, without the names of fields and without encoded words. */
function rawOctets(block: string): Uint8Array {
  const lines: Buffer[] = [];
  let octets = 0;
  for (let start = 0; start < block.length && octets < MAX_RAW; ) {
    const end = nextLine(block, start);
    const line = block.slice(start, end);
    start = end;
    if (!RAW.test(line)) continue;
    const raw = Buffer.from(
      line.replace(/^[!-9;-~]+:/, "").replace(/=\?[^\s?]{0,80}\?[bq]\?[^?]*\?=/gi, " "),
      "latin1",
    );
    if (isUtf8(raw)) continue;
    lines.push(raw.subarray(0, MAX_RAW - octets));
    octets += raw.length;
  }
  return Buffer.concat(lines);
}
