import type { Faults } from "../faults.ts";
import { latin1 } from "../octets/octets.ts";

/** The line before the octets: their file's mode and name (POSIX uuencode). */
export const UUENCODE_BEGIN = /^begin(?:-base64)? [0-7]{3,4} (.+?)\r?$/;
/** The line after the octets. */
export const UUENCODE_END = /^(?:end|====)\s*$/;

/** Decodes a part that is uuencoded, between its lines `begin` and `end`. What was never encoded stays. */
export function decodeUuencoded(body: Buffer, faults: Faults): Buffer {
  const lines = latin1(body).split("\n");
  const begin = lines.findIndex((line) => UUENCODE_BEGIN.test(line));
  if (begin < 0) {
    faults.note("a part is said to be uuencoded and is not; it is read as it stands");
    return body;
  }
  const found = lines.slice(begin + 1).findIndex((line) => UUENCODE_END.test(line));
  const end = found < 0 ? lines.length : begin + 1 + found;
  if (found < 0) faults.note("a uuencoded part has no end; it may be cut off");
  return decodeUuencodedLines(lines.slice(begin + 1, end), lines[begin]?.startsWith("begin-base64") === true);
}

/** The octets of encoded lines. */
export function decodeUuencodedLines(lines: readonly string[], isBase64: boolean): Buffer {
  return Buffer.concat(
    lines.map((line) => (isBase64 ? Buffer.from(line, "base64") : decodeLine(line.replace(/\r$/, "")))),
  );
}

/** The line's first character is the number of its octets; four characters after it make three of them. */
function decodeLine(line: string): Buffer {
  const length = value(line, 0);
  const octets = Buffer.alloc(length);
  for (let done = 0, at = 1; done < length; done += 3, at += 4) {
    const [a, b, c, d] = [value(line, at), value(line, at + 1), value(line, at + 2), value(line, at + 3)];
    const three = (a << 18) | (b << 12) | (c << 6) | d;
    for (let place = 0; place < 3 && done + place < length; place++)
      octets[done + place] = (three >> (16 - 8 * place)) & 0xff;
  }
  return octets;
}

/** Blanks at the end of a line are lost on the way; they stand for nought, as the grave accent does. */
function value(line: string, at: number): number {
  return at < line.length ? (line.charCodeAt(at) - 0x20) & 0x3f : 0;
}
