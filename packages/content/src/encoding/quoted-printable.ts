import { CR, LF } from "../octets/octets.ts";

const EQUALS = 0x3d;
const SPACE = 0x20;
const TAB = 0x09;

/**
 * Decodes quoted-printable (RFC 2045 section 6.7) in one pass. An equals sign that begins nothing stays; blanks at the end
 * of a line go, which some transport has added; a soft line break at the very end joins nothing.
 */
export function decodeQuotedPrintable(body: Uint8Array): Buffer {
  const decoded = Buffer.allocUnsafe(body.length);
  let length = 0;
  /** Where the last octet ends that is no blank. */
  let solid = 0;
  let at = 0;
  while (at < body.length) {
    const octet = body[at++] ?? 0;
    if (octet === EQUALS) {
      const high = hexDigit(body[at]);
      const low = hexDigit(body[at + 1]);
      const end = high < 0 || low < 0 ? softBreakEnd(body, at) : -1;
      if (end >= 0) {
        at = end;
        solid = length;
        continue;
      }
      if (high >= 0 && low >= 0) {
        decoded[length++] = high * 16 + low;
        at += 2;
      } else {
        decoded[length++] = octet;
      }
      solid = length;
    } else if (octet === LF) {
      const isCrlf = body[at - 2] === CR;
      length = solid;
      if (isCrlf) decoded[length++] = CR;
      decoded[length++] = octet;
      solid = length;
    } else {
      decoded[length++] = octet;
      if (octet !== SPACE && octet !== TAB && octet !== CR) solid = length;
    }
  }
  return decoded.subarray(0, length);
}

/** Where the line break ends that begins after an equals sign, blanks before it included; -1 if there is none. */
function softBreakEnd(body: Uint8Array, start: number): number {
  let at = start;
  while (body[at] === SPACE || body[at] === TAB || body[at] === CR) at++;
  if (at >= body.length) return at;
  return body[at] === LF ? at + 1 : -1;
}

function hexDigit(octet: number | undefined): number {
  if (octet === undefined) return -1;
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
