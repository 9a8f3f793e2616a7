const USUAL_BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const NO_BASE64 = /[^A-Za-z0-9+/=_\-\s]/;

/** Decodes base64, also with blanks, wrong padding or in several pieces; null if it has other characters. */
export function decodeBase64(text: string): Uint8Array | null {
  if (USUAL_BASE64.test(text)) return Buffer.from(text, "base64");
  if (NO_BASE64.test(text)) return null;
  // Node stops at the first padding, so the pieces are decoded one by one.
  const pieces = text.replace(/\s+/g, "").split(/=+/);
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece, "base64")));
}

const EQUALS = 0x3d;
const UNDERSCORE = 0x5f;
const SPACE = 0x20;

/** Decodes the encoding Q (RFC 2047 section 4.2). Characters outside ASCII, which it forbids, are kept as they are. */
export function decodeQuoted(text: string): Uint8Array {
  const source = Buffer.from(text, /[^\0-\xff]/.test(text) ? "utf8" : "latin1");
  let length = 0;
  for (let at = 0; at < source.length; at++) {
    const octet = source[at] ?? 0;
    const value = octet === EQUALS ? octetOf(source[at + 1], source[at + 2]) : -1;
    if (value >= 0) at += 2;
    source[length++] = value >= 0 ? value : octet === UNDERSCORE ? SPACE : octet;
  }
  return source.subarray(0, length);
}

/** The octet of two hexadecimal digits; -1 if one of them is no such digit. */
function octetOf(high: number | undefined, low: number | undefined): number {
  const first = digitOf(high);
  const second = digitOf(low);
  return first < 0 || second < 0 ? -1 : first * 16 + second;
}

function digitOf(octet = 0): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
