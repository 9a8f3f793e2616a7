/** The line before the octets of a file, with its name at the end. */
export const YENC_BEGIN = /^=ybegin [^\r\n]{0,200}?name=(.+)$/;

/** The octets of lines of yEnc, as ISO 8859-1: each is 42 less than its character; `=` escapes what may not travel. */
export function decodeYencLines(lines: readonly string[]): Buffer {
  const octets: Buffer[] = [];
  for (const line of lines) {
    const decoded = Buffer.alloc(line.length);
    let length = 0;
    for (let at = 0; at < line.length; at++) {
      const isEscaped = line[at] === "=" && at + 1 < line.length;
      if (isEscaped) at++;
      decoded[length++] = (line.charCodeAt(at) - 42 - (isEscaped ? 64 : 0)) & 0xff;
    }
    octets.push(decoded.subarray(0, length));
  }
  return Buffer.concat(octets);
}
