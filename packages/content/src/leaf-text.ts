import { decodeCharset, decodeWords } from "@mailonce/core/message";
import { calendarText } from "./calendar/calendar-text.ts";
import type { Faults } from "./faults.ts";
import { htmlText } from "./html/html-text.ts";
import { metaCharset } from "./html/meta-charset.ts";
import type { Leaf } from "./leaf.ts";
import { charsetLabel } from "./mime/media-type.ts";
import { readEnriched } from "./text/enriched.ts";
import { unflow } from "./text/flowed.ts";
import { type InlineFile, type TextAndFiles, takeFiles } from "./text/inline-files.ts";
import { withLineEnds } from "./text/lines.ts";

/** The text of a part. */
export interface LeafText {
  /** The text as a person reads it, with LF between its lines. */
  readonly text: string;
  /** The text as it is written, decoded to characters. */
  readonly source: string;
  readonly charset: string;
  /** Files that stood in the text, and were taken out of it. */
  readonly files: readonly InlineFile[];
}

/** What the reading of all parts of a message shares. */
export interface ReadingContext {
  readonly faults: Faults;
  /** How many characters of each part are read at most. */
  readonly textLength: number;
}

/** How many octets a character has at most, in any charset. */
const LONGEST_CHARACTER = 4;
/** Labels of charsets that say nothing about octets above 127. */
const SAYS_NOTHING = /^["']?(?:us-?ascii|ascii|(?:x-)?unknown.*|default|none|_.*)["']?$/i;

/** Reads a part's text; null if it is no text. */
export function readLeafText(leaf: Leaf, context: ReadingContext): LeafText | null {
  if (leaf.kind === "octets") return null;
  const { faults, textLength } = context;
  const { text: octets, files } = textAndFiles(leaf);
  const cut = octets.subarray(0, textLength * LONGEST_CHARACTER);
  const { text, charset, certain } = decodeCharset(cut, labelOf(leaf));
  if (!certain)
    faults.note(
      "a text does not say in which charset it is, or says a wrong one; it is read as what it looks like",
    );
  const whole = text.replace(/^\ufeff/, "");
  if (whole.length > textLength || cut.length < octets.length)
    faults.note(`a text is longer than ${textLength} characters; the rest is left out`);
  const source = whole.slice(0, textLength);
  return { text: trimmed(shownText(leaf, withLineEnds(source), context)), source, charset, files };
}

function textAndFiles({ kind, octets }: Leaf): TextAndFiles {
  return kind === "plain" ? takeFiles(octets) : { text: octets, files: [] };
}

/** The files that stand in the text of a part. */
export function filesOf(leaf: Leaf): readonly InlineFile[] {
  return textAndFiles(leaf).files;
}

const TAG = /<(?:!doctype|!--|\/?[a-z][a-z0-9]{0,20}(?:[\s/>]|$))/i;

function labelOf({ entity, kind, octets }: Leaf): string | null {
  const label = charsetLabel(entity.type);
  if (kind !== "html" && kind !== "amp") return label;
  return label === null || SAYS_NOTHING.test(label) ? (metaCharset(octets) ?? label) : label;
}

function shownText({ entity, kind }: Leaf, text: string, { faults }: ReadingContext): string {
  switch (kind) {
    case "html":
    case "amp": {
      // A text without a tag in it, though it is said to be HTML, would be one long line.
      const { text: shown, isCutOff } = htmlText(TAG.test(text) ? text : `<pre>${text}`);
      if (isCutOff) faults.note("HTML ends within a tag; what stands after its beginning may not be shown");
      return shown;
    }
    case "enriched":
    case "richtext":
      return readEnriched(text, kind);
    case "calendar":
      return calendarText(text, entity.type.parameters.get("method") ?? "") ?? text;
    case "fields":
      return fieldsText(text);
    default: {
      const { parameters, name } = entity.type;
      const isFlowed = name === "text/plain" && /^flowed$/i.test(parameters.get("format")?.trim() ?? "");
      return isFlowed ? unflow(text, /^yes$/i.test(parameters.get("delsp")?.trim() ?? "")) : text;
    }
  }
}

/** Header fields as a person reads them: unfolded, and with their encoded words decoded. */
function fieldsText(text: string): string {
  return text
    .replace(/\n[ \t]+(?=\S)/g, " ")
    .split("\n")
    .map((line) => decodeWords(line))
    .join("\n");
}

/** The text without empty lines at its beginning, and without white space at its end. */
function trimmed(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/, "").trimEnd();
}
