import { decodeUuencodedLines, UUENCODE_BEGIN } from "../encoding/uuencode.ts";
import { decodeYencLines, YENC_BEGIN } from "../encoding/yenc.ts";
import { latin1 } from "../octets/octets.ts";

/** A file that stands in a text. */
export interface InlineFile {
  readonly name: string;
  readonly octets: Uint8Array;
}

/** A text without the files that stood in it. */
export interface TextAndFiles {
  readonly text: Uint8Array;
  readonly files: readonly InlineFile[];
}

const MAY_HOLD = /(?:^|\n)(?:begin [0-7]{3}|=ybegin )/;
const MOST_FILES = 100;

/** Takes the uuencoded files and those of yEnc out of a text. One whose end is missing stays. One pass over the lines. */
export function takeFiles(octets: Uint8Array): TextAndFiles {
  const written = latin1(octets);
  if (!MAY_HOLD.test(written)) return { text: octets, files: [] };
  /** What stands outside of files. */
  const kept: Uint8Array[] = [];
  let keptFrom = 0;
  const files: InlineFile[] = [];
  let open: OpenFile | null = null;
  for (let at = 0; at < written.length && files.length < MOST_FILES; ) {
    const lf = written.indexOf("\n", at);
    const next = lf < 0 ? written.length : lf + 1;
    const line = written.slice(at, next).replace(/\r?\n$/, "");
    if (open === null) open = beginning(line, at, next);
    else if (open.isEnd(line)) {
      files.push({ name: open.name, octets: open.decode(written.slice(open.bodyStart, at)) });
      kept.push(octets.subarray(keptFrom, open.start));
      keptFrom = next;
      open = null;
    } else if (!open.takes(line)) open = beginning(line, at, next);
    at = next;
  }
  if (files.length === 0) return { text: octets, files };
  return { text: Buffer.concat([...kept, octets.subarray(keptFrom)]), files };
}

/** A file that has begun. */
interface OpenFile {
  readonly name: string;
  /** Where the line begins that begins it, */
  readonly start: number;
  /** and where its encoded lines begin. */
  readonly bodyStart: number;
  takes(line: string): boolean;
  isEnd(line: string): boolean;
  decode(lines: string): Uint8Array;
}

function beginning(line: string, start: number, bodyStart: number): OpenFile | null {
  const uuencoded = UUENCODE_BEGIN.exec(line)?.[1];
  if (uuencoded !== undefined && !line.startsWith("begin-"))
    return {
      name: uuencoded,
      start,
      bodyStart,
      takes: isUuencoded,
      isEnd: (one) => one.trimEnd() === "end",
      decode: (text) => inBatches(text, (lines) => decodeUuencodedLines(lines, false)),
    };
  const yenc = YENC_BEGIN.exec(line)?.[1];
  if (yenc === undefined) return null;
  return {
    name: yenc.trim(),
    start,
    bodyStart,
    takes: () => true,
    isEnd: (one) => one.startsWith("=yend"),
    decode: (text) =>
      inBatches(text, (lines) => decodeYencLines(lines.filter((one) => !one.startsWith("=ypart ")))),
  };
}

/** How many characters of lines are taken apart at once: each line takes more memory than its characters. */
const BATCH = 65_536;

function inBatches(text: string, decode: (lines: readonly string[]) => Buffer): Buffer {
  const decoded: Buffer[] = [];
  for (let at = 0; at < text.length; ) {
    const lf = text.indexOf("\n", at + BATCH);
    const end = lf < 0 ? text.length : lf;
    const lines = text.slice(at, end).replace(/\r?\n?$/, "");
    decoded.push(decode(lines.split(/\r?\n/)));
    at = end + 1;
  }
  return Buffer.concat(decoded);
}

/** The first character tells how long the line is; blanks at its end may be lost. */
function isUuencoded(line: string): boolean {
  if (line === "" || line === "`") return true;
  if (!/^[\x20-\x60]+$/.test(line)) return false;
  const octets = (line.charCodeAt(0) - 0x20) & 0x3f;
  const characters = Math.ceil(octets / 3) * 4 + 1;
  return line.length <= characters + 2 && (line.length >= characters - 4 || octets === 0);
}
