import { charsetOf } from "./charsets.ts";
import { readAs, readUtf8 } from "./reading.ts";

/** Text that was octets. */
export interface DecodedText {
  readonly text: string;
  /** What the octets were read as: the preferred MIME name in lower case, for example `utf-8`, `windows-1252`, `gb18030`. */
  readonly charset: string;
  /** False where neither the label nor the octets tell for sure: the text is the likeliest reading. */
  readonly certain: boolean;
}

/**
 * Reads octets as text: by the label where it fits them, else by what they look like. `label` is a charset's name as it
 * stands in the message, null or undefined if there is none. Never throws. A character that is cut off at the end is left out.
 */
export function decodeCharset(octets: Uint8Array, label: string | null | undefined): DecodedText {
  const charset = label == null ? null : charsetOf(label);
  if (charset !== null && charset.shape !== "single") {
    const { text, faults, charset: name } = readAs(octets, charset);
    if (faults === 0) return { text, charset: name, certain: true };
  }
  const utf8 = readUtf8(octets);
  if (utf8.faults === 0) return { text: utf8.text, charset: "utf-8", certain: true };
  const single = charset?.shape === "single" ? charset : charsetOf("windows-1252");
  if (single === null) return { ...utf8, certain: false };
  return { ...readAs(octets, single), certain: charset?.shape === "single" };
}
