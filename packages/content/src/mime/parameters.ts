import { decodeCharset, decodeField, type HeaderLabel } from "@mailonce/core/message";
import { octetsOf } from "../octets/octets.ts";

/** The parameters of a Content-Type or Content-Disposition field by their names in lower case, decoded. */
export type Parameters = ReadonlyMap<string, string>;

/** One section of a parameter (RFC 2231 section 3): a whole value is its only one. */
interface Section {
  readonly index: number;
  /** Its octets stand as `%41`. */
  readonly isEncoded: boolean;
  /** Octets as ISO 8859-1. */
  readonly value: string;
}

const MAX_SECTIONS = 1000;
const NAME = /[;\s]*([^=;\s"]{1,100})\s*=\s*/y;
const UNTIL_SEMICOLON = /[^;]*;?/y;
/** What may stand after the quotation mark that ends a value. Others stand within it: senders forget to quote them. */
const AFTER_QUOTED = /\s*(?:;|$|\(|[a-z][\w*-]{0,40}=)/iy;
const SECTION = /^(.*?)(?:\*(\d{1,4}))?(\*)?$/;
/** RFC 2231 section 4; some senders forget the asterisk after the name. */
const CHARSET_AND_LANGUAGE = /^([\w-]*)'[\w-]*'/;
const FORGOTTEN_ASTERISK = /^(?:utf-8|us-ascii|iso-8859-\d+|windows-\d+)'[\w-]*'(?=.*%[0-9a-f]{2})/i;

/**
 * Reads `; name=value; name*0*=utf-8''%C3…` (RFC 2045 section 5.1, RFC 2231). The value may also have encoded words in it,
 * 8-bit octets, or blanks without quotation marks. `label` is the
 * charset of what is neither ASCII nor UTF-8. Takes time in proportion to the text.
 */
export function readParameters(text: string, label: HeaderLabel): Parameters {
  const sections = new Map<string, Section[]>();
  let count = 0;
  for (const [written, value] of pairs(text)) {
    if (++count > MAX_SECTIONS) break;
    const [, name = "", index = "0", star = ""] = SECTION.exec(written.toLowerCase()) ?? [];
    const section = { index: Number(index), isEncoded: star !== "", value };
    const extended = written.includes("*") ? `${name}*` : name;
    const others = sections.get(extended);
    if (others === undefined) sections.set(extended, [section]);
    else others.push(section);
  }
  const parameters = new Map<string, string>();
  for (const [name, all] of sections) {
    // What RFC 2231 writes is meant for who can read it; the other value is for all others.
    if (!name.endsWith("*") && sections.has(`${name}*`)) continue;
    const plain = name.replace(/\*$/, "");
    parameters.set(plain, name === plain ? plainValue(all, label) : extendedValue(all));
  }
  return parameters;
}

function* pairs(text: string): Generator<readonly [name: string, value: string]> {
  let at = 0;
  let mayBeQuoted = true;
  while (at < text.length) {
    NAME.lastIndex = at;
    const name = NAME.exec(text)?.[1];
    if (name === undefined) {
      // A word without a value, or a comment.
      UNTIL_SEMICOLON.lastIndex = at;
      at += Math.max(1, UNTIL_SEMICOLON.exec(text)?.[0].length ?? 0);
      continue;
    }
    const start = NAME.lastIndex;
    const quoted: number = mayBeQuoted && text[start] === '"' ? endOfQuoted(text, start + 1) : -1;
    // Where this one has no end, none after it has one.
    if (text[start] === '"') mayBeQuoted = quoted >= 0;
    if (quoted >= 0) {
      yield [name, unquoted(text.slice(start + 1, quoted))];
      at = quoted + 1;
      continue;
    }
    const semicolon = text.indexOf(";", start);
    at = semicolon < 0 ? text.length : semicolon;
    yield [name, text.slice(start, at).trim().replace(/^"/, "")];
  }
}

function endOfQuoted(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') {
      AFTER_QUOTED.lastIndex = at + 1;
      if (AFTER_QUOTED.test(text)) return at;
    }
  }
  return -1;
}

/** Backslashes before anything but themselves and quotation marks are those of a path on Windows. */
function unquoted(text: string): string {
  return text.replace(/\\(["\\])/g, "$1").replace(/"\s+"/g, " ");
}

function plainValue(sections: readonly Section[], label: HeaderLabel): string {
  const value = sections[0]?.value ?? "";
  if (FORGOTTEN_ASTERISK.test(value)) return extendedValue([{ index: 0, isEncoded: true, value }]);
  return decodeField(octetsOf(value), label) ?? "";
}

function extendedValue(sections: readonly Section[]): string {
  const sorted = sections.toSorted((one, other) => one.index - other.index);
  const [first] = sorted;
  if (first === undefined) return "";
  const [prefix, charset] = (first.isEncoded ? CHARSET_AND_LANGUAGE.exec(first.value) : null) ?? ["", ""];
  const octets = sorted.map(({ value, isEncoded }, at) => {
    const text = at === 0 ? value.slice(prefix.length) : value;
    return isEncoded ? percentDecoded(text) : text;
  });
  const text = decodeCharset(octetsOf(octets.join("")), charset === "" ? null : charset).text;
  // Encoded words have no place here, and are found here.
  return text.includes("=?") ? (decodeField(octetsOf(octets.join("")), charset || null) ?? text) : text;
}

function percentDecoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
