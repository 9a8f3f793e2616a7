import { decodeUuencodedLines, UUENCODE_BEGIN } from "../encoding/uuencode.ts";
import { decodeYencLines, YENC_BEGIN } from "../encoding/yenc.ts";
import { latin1, octetsOf } from "../octets/octets.ts";

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
  const kept: string[] = [];
  const files: InlineFile[] = [];
  let open: OpenFile | null = null;
  for (const line of written.split("\n")) {
    const bare = line.replace(/\r$/, "");
    if (open !== null) {
      const ended: OpenFile = open;
      if (ended.isEnd(bare)) {
        files.push({ name: ended.name, octets: ended.octets() });
        open = null;
        continue;
      }
      if (ended.takes(bare)) {
        ended.lines.push(line);
        continue;
      }
      for (const taken of ended.lines) kept.push(taken);
      open = null;
    }
    open = files.length < MOST_FILES ? beginning(bare, line) : null;
    if (open === null) kept.push(line);
  }
  for (const taken of open?.lines ?? []) kept.push(taken);
  return files.length === 0 ? { text: octets, files } : { text: octetsOf(kept.join("\n")), files };
}

interface OpenFile {
  readonly name: string;
  /** The line that began it and what it has taken. */
  readonly lines: string[];
  takes(line: string): boolean;
  isEnd(line: string): boolean;
  octets(): Uint8Array;
}

function beginning(bare: string, line: string): OpenFile | null {
  const lines = [line];
  const encoded = (): readonly string[] => lines.slice(1).map((one) => one.replace(/\r$/, ""));
  const uuencoded = UUENCODE_BEGIN.exec(bare)?.[1];
  if (uuencoded !== undefined && !bare.startsWith("begin-"))
    return {
      name: uuencoded,
      lines,
      takes: isUuencoded,
      isEnd: (one) => one.trimEnd() === "end",
      octets: () => decodeUuencodedLines(encoded(), false),
    };
  const yenc = YENC_BEGIN.exec(bare)?.[1];
  if (yenc === undefined) return null;
  return {
    name: yenc.trim(),
    lines,
    takes: () => true,
    isEnd: (one) => one.startsWith("=yend"),
    octets: () => decodeYencLines(encoded().filter((one) => !one.startsWith("=ypart "))),
  };
}

/** The first character tells how long the line is; blanks at its end may be lost. */
function isUuencoded(line: string): boolean {
  if (line === "" || line === "`") return true;
  if (!/^[\x20-\x60]+$/.test(line)) return false;
  const octets = (line.charCodeAt(0) - 0x20) & 0x3f;
  const characters = Math.ceil(octets / 3) * 4 + 1;
  return line.length <= characters + 2 && (line.length >= characters - 4 || octets === 0);
}
