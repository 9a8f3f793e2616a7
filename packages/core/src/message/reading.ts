import iconv from "iconv-lite";
import type { Charset } from "./charsets.ts";
import { readEbcdic } from "./ebcdic.ts";
import { readEucJp } from "./euc-jp.ts";
import { readSwitching } from "./iso-2022.ts";
import { asBuffer } from "./octets.ts";
import { readUtf8, utf8Shape } from "./utf8.ts";
import { windows1252 } from "./windows-1252.ts";

/** Octets as text in a charset. */
export interface Reading {
  readonly text: string;
  /** How many times octets were no character of the charset: there the text has U+FFFD. */
  readonly faults: number;
  /** True if the last octets are only the beginning of a character; the text ends before them. */
  readonly cut: boolean;
}

const REPLACEMENT = /\ufffd/g;

export function readAs(octets: Uint8Array, charset: Charset): Reading {
  if (charset.name === "utf-8") {
    const { bad, cut } = utf8Shape(octets);
    return { text: readUtf8(octets), faults: bad, cut };
  }
  if (charset.name === "windows-1252") return { text: windows1252(octets), faults: 0, cut: false };
  if (charset.shape === "seven" && charset.name !== "utf-7")
    return { ...readSwitching(octets, charset), cut: false };
  const text =
    charset.shape === "ebcdic"
      ? readEbcdic(octets, charset.name)
      : charset.name === "euc-jp"
        ? readEucJp(octets)
        : iconv.decode(asBuffer(octets), charset.codec);
  const cut = charset.shape !== "single" && charset.shape !== "ebcdic" && text.endsWith("\ufffd");
  const bare = cut ? text.slice(0, -1) : text;
  // Windows-1258 has an octet for each tone. Composed, the words are the same as in other charsets.
  const whole = charset.name === "windows-1258" ? bare.normalize("NFC") : bare;
  return { text: whole, faults: whole.match(REPLACEMENT)?.length ?? 0, cut };
}
