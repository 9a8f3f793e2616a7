import type { ContentPart, MessageContent } from "@mailonce/content";
import { usageError } from "../../input/usage-error.ts";
import { formatOctets } from "../../output/format.ts";
import { safeLine } from "../../output/safe-text.ts";

/** A message has as many parts as its sender likes. */
const LISTED_NUMBERS = 50;

/** What `--part` takes for a part: its number, `2.1`; for a file within a text also which of them, `1/2`. */
export function partLabel({ number, fileIndex }: ContentPart): string {
  return fileIndex === 0 ? number : `${number}/${fileIndex}`;
}

/** @throws FailureError (`usage`) if there is no such part: it lists those that there are */
export function findPart({ parts }: MessageContent, label: string): ContentPart {
  const found = parts.find((part) => partLabel(part) === label.trim());
  if (found !== undefined) return found;
  const numbers = parts.slice(0, LISTED_NUMBERS).map(partLabel).join(", ");
  const more =
    parts.length > LISTED_NUMBERS ? ` and ${parts.length - LISTED_NUMBERS} more, which --json lists` : "";
  throw usageError("no-such-part", `the message has no part ${label}; it has ${numbers}${more}`);
}

/** `bill.pdf (application/pdf, 12 kB)`, safe for a terminal. */
export function describePart({ mimeType, octets }: ContentPart, name: string): string {
  return `${safeLine(name)} (${safeLine(mimeType)}, ${formatOctets(octets)})`;
}

/** The fields of a part in a line of JSON; SHA-256 in hexadecimal. */
export function partFacts(part: ContentPart): object {
  return {
    number: part.number,
    fileIndex: part.fileIndex,
    mimeType: part.mimeType,
    charset: part.charset,
    fileName: part.fileName,
    disposition: part.disposition,
    contentId: part.contentId,
    octets: part.octets,
    sha256: Buffer.from(part.sha256).toString("hex"),
    use: part.use,
  };
}
