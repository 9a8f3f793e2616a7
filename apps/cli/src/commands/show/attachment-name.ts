import type { ContentPart } from "@mailonce/content";

/** File systems take 255 octets; what is written beside a file may have a longer name than it. */
const LONGEST_OCTETS = 200;
/** The part of a name after its last dot is kept where it is no longer than so many characters. */
const LONGEST_EXTENSION = 20;
/** A name that so many files have is given up. */
const MOST_ALIKE = 100_000;

/** Controls, halves of characters, what turns the direction of letters. */
const UNSHOWN = /[\p{Control}\p{Surrogate}\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;
/** What file systems take for the end of a name, or Windows takes for something else. */
const FORBIDDEN = /[/\\:*?"<>|]/g;
/** Names of Windows that are devices, with any ending. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:\.|$)/i;

/** Endings for parts without a name. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  "application/json": "json",
  "application/msword": "doc",
  "application/pdf": "pdf",
  "application/pgp-encrypted": "asc",
  "application/pgp-keys": "asc",
  "application/pgp-signature": "asc",
  "application/pkcs7-mime": "p7m",
  "application/pkcs7-signature": "p7s",
  "application/rtf": "rtf",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/x-pkcs7-mime": "p7m",
  "application/x-pkcs7-signature": "p7s",
  "application/xml": "xml",
  "application/zip": "zip",
  "image/gif": "gif",
  "image/heic": "heic",
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/svg+xml": "svg",
  "image/webp": "webp",
  "message/global": "eml",
  "message/rfc822": "eml",
  "text/calendar": "ics",
  "text/csv": "csv",
  "text/html": "html",
  "text/plain": "txt",
  "text/rtf": "rtf",
  "text/vcard": "vcf",
  "text/xml": "xml",
};

/** Names for the files of one message: no two are equal, also where case or the composition of letters does not count. */
export class AttachmentNames {
  readonly #given = new Set<string>();

  /** Names for a part's file, none of which was given before: `bill.pdf`, `bill (2).pdf` and so on. */
  *of(part: ContentPart): Generator<string, void> {
    const [stem, extension] = namesakes(safeName(part));
    for (let n = 1; n <= MOST_ALIKE; n++) {
      const name = joined(stem, n === 1 ? extension : ` (${n})${extension}`);
      const key = name.normalize("NFC").toLowerCase();
      if (this.#given.has(key)) continue;
      this.#given.add(key);
      yield name;
    }
  }
}

/** The name that the sender gave a part, made one that every file system takes; of a part without one, by its type. */
function safeName({ fileName, number, fileIndex, mimeType }: ContentPart): string {
  const name = trimmed(
    (fileName ?? "")
      .replace(/\s+/gu, " ")
      .replace(UNSHOWN, "")
      .replace(FORBIDDEN, "_")
      .replace(/^[. ]+/, ""),
  );
  if (name === "") {
    const extension = EXTENSIONS[mimeType] ?? "bin";
    return `part-${number}${fileIndex === 0 ? "" : `-${fileIndex}`}.${extension}`;
  }
  // A name that begins with a hyphen would be an option where a shell puts it into a command.
  return DEVICE.test(name) || name.startsWith("-") ? `_${name}` : name;
}

/** Windows leaves out dots and blanks at the end of a name. */
function trimmed(name: string): string {
  return name.replace(/[. ]+$/, "");
}

function namesakes(name: string): readonly [stem: string, extension: string] {
  const dot = name.lastIndexOf(".");
  return dot > 0 && name.length - dot <= LONGEST_EXTENSION
    ? [name.slice(0, dot), name.slice(dot)]
    : [name, ""];
}

/** The stem as far as there is room for it, and the ending whole. */
function joined(stem: string, ending: string): string {
  const room = LONGEST_OCTETS - Buffer.byteLength(ending);
  if (Buffer.byteLength(stem) <= room) return stem + ending;
  let kept = "";
  let octets = 0;
  for (const character of stem) {
    octets += Buffer.byteLength(character);
    if (octets > room) break;
    kept += character;
  }
  return trimmed(kept) + ending;
}
