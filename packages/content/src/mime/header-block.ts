import { decodeField, type HeaderLabel, headerLabel } from "@mailonce/core/message";
import type { Faults } from "../faults.ts";
import type { ContentLimits } from "../limits.ts";
import { CR, LF, latin1, lineEnd } from "../octets/octets.ts";

/** A header field as it stands. */
export interface RawField {
  /** As it is written. */
  readonly name: string;
  /** The octets after the colon, folding included, cut at the limit. */
  readonly value: Uint8Array;
}

/** The header of a message or part, and where its body begins. */
export interface HeaderBlock {
  readonly fields: readonly RawField[];
  readonly bodyStart: number;
  /** The charset of octets in it that are neither ASCII nor UTF-8; null where nothing tells. Found out when it is asked for. */
  readonly label: HeaderLabel;
}

/** What the reading of all headers of a message shares. */
export interface HeaderBudget {
  readonly limits: ContentLimits;
  readonly faults: Faults;
  fieldsLeft: number;
  /** How many octets may still be kept in memory. */
  octetsLeft: number;
}

/** RFC 5322 section 2.2; white space before the colon is of old mail. `http://…` is the beginning of a text. */
const FIELD = /^([!-9;-~]{1,127})[ \t]*:(?!\/\/)/;
/** Fields that stand in a header, not in a text after which the header goes on. */
const WELL_KNOWN =
  /^(?:from|to|cc|bcc|subject|date|sender|reply-to|received|return-path|message-id|in-reply-to|references|mime-version|content-[a-z-]+|x-[a-z0-9-]+|dkim-signature|authentication-results|arc-[a-z-]+|list-[a-z-]+)$/i;
/** The line before a message in an mbox file. */
const MBOX_LINE = /^>?From /;
const LONGEST_NAME = 200;
/** How many lines in a header are looked at that begin with dashes. */
const MOST_DASHES = 100;
const BOUNDARY = /;\s{0,20}boundary\s{0,20}=\s{0,20}(?:"([^"]{1,190})"|([^\s;"]{1,190}))/i;
/** By so much of a header it is told in which charset its octets are. */
const LABEL_OCTETS = 65_536;

/**
 * Reads the header that begins at `start` (RFC 5322 section 2.2). It ends with the first empty line, and before a line of
 * which `isBoundary` says that the part ends there. A line that is no field is passed over where the header goes on after
 * it; else the empty line was forgotten, and the text begins there.
 */
export function readHeaderBlock(
  octets: Buffer,
  start: number,
  end: number,
  budget: HeaderBudget,
  isBoundary: (at: number) => boolean,
): HeaderBlock {
  const fields: RawField[] = [];
  let field: { readonly name: string; readonly start: number } | null = null;
  /** The first line that is no field and after which no well-known one came, and how many fields stand before it. */
  let stray: { readonly at: number; readonly fields: number } | null = null;
  let dashes = 0;
  let at = start;
  let bodyStart = end;
  const finish = (until: number): void => {
    if (field !== null) keep(fields, field.name, octets.subarray(field.start, until), budget);
    field = null;
  };
  while (at < end) {
    const next = lineEnd(octets, at, end);
    const first = octets[at];
    if (first === LF || (first === CR && octets[at + 1] === LF)) {
      finish(at);
      bodyStart = next;
      break;
    }
    if (isBoundary(at)) {
      finish(at);
      bodyStart = at;
      break;
    }
    if ((first !== 0x20 && first !== 0x09) || (at === start && field === null)) {
      finish(at);
      const line = octets.toString("latin1", at, Math.min(next, at + LONGEST_NAME));
      const [written, name] = FIELD.exec(line) ?? [];
      if (written !== undefined && name !== undefined) {
        field = { name, start: at + written.length };
        if (stray !== null && WELL_KNOWN.test(name)) {
          budget.faults.note("a line in the header is no header field");
          stray = null;
        }
      } else if (!(at === start && MBOX_LINE.test(line))) {
        stray ??= { at, fields: fields.length };
        // The empty line was forgotten, or has blanks in it, and the first part begins.
        if (line.startsWith("--") && dashes++ < MOST_DASHES && isOwnBoundary(line, fields)) {
          bodyStart = at;
          break;
        }
      }
    }
    at = next;
  }
  finish(end);
  // A copy: the octets around it need not stay in memory.
  const label = headerLabel(Buffer.from(octets.subarray(start, Math.min(bodyStart, start + LABEL_OCTETS))));
  if (stray === null || isBase64(fields)) return { fields, bodyStart, label };
  budget.faults.note(
    stray.fields === 0
      ? "the header is missing"
      : "the empty line between header and text is missing or is not where it should be",
  );
  return { fields: fields.slice(0, stray.fields), bodyStart: stray.at, label };
}

/** Whether this line begins a part of the multipart whose header it stands in. */
function isOwnBoundary(line: string, fields: readonly RawField[]): boolean {
  const [, quoted, bare] = BOUNDARY.exec(fieldText(fields, "content-type") ?? "") ?? [];
  const boundary = (quoted ?? bare ?? "").trimEnd();
  return boundary !== "" && line.trimEnd() === `--${boundary}`;
}

/** No line of text can stand before base64 without spoiling it. */
function isBase64(fields: readonly RawField[]): boolean {
  return /base64/i.test(fieldText(fields, "content-transfer-encoding") ?? "");
}

const LISTS = /^(?:from|sender|reply-to|to|cc|bcc|references)$/i;

function keep(fields: RawField[], name: string, value: Uint8Array, budget: HeaderBudget): void {
  const { limits, faults } = budget;
  if (budget.fieldsLeft-- <= 0) {
    faults.note(`there are more than ${limits.headerFields} header fields; the others are left out`);
    return;
  }
  const longest = LISTS.test(name) ? limits.listOctets : limits.fieldOctets;
  if (value.length > longest)
    faults.note(`a header field is longer than ${longest} octets; the rest is left out`);
  const kept = Buffer.from(value.subarray(0, Math.min(longest, Math.max(0, budget.octetsLeft))));
  if (kept.length < Math.min(longest, value.length))
    faults.note(`the headers are larger than ${limits.octets} octets; the rest is left out`);
  budget.octetsLeft -= kept.length;
  fields.push({ name, value: kept });
}

/** The first field of this name (in lower case) as ISO 8859-1, unfolded; null if there is none. */
export function fieldText(fields: readonly RawField[], name: string): string | null {
  const field = fields.find((one) => one.name.toLowerCase() === name);
  return field === undefined
    ? null
    : latin1(field.value)
        .replace(/\r?\n(?=[ \t])/g, "")
        .trim();
}

/** The first field of this name (in lower case) that is not empty, as a person reads it; empty if there is none. */
export function decodedField({ fields, label }: Pick<HeaderBlock, "fields" | "label">, name: string): string {
  for (const field of fields) {
    const value = field.name.toLowerCase() === name ? decodedValue(field, label) : "";
    if (value !== "") return value;
  }
  return "";
}

/** A field's value as a person reads it. */
export function decodedValue({ value }: RawField, label: HeaderLabel): string {
  return decodeField(value, label) ?? "";
}
