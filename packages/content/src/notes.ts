import type { Leaf } from "./leaf.ts";

const ENCRYPTED = "[This message is encrypted: it can be read only with the key of whom it was written to.]";

/** What a person is told instead of a text that cannot be read here; null if there is nothing to tell. */
export function noteOn(what: "encrypted"): string;
export function noteOn(what: Leaf): string | null;
export function noteOn(what: Leaf | "encrypted"): string | null {
  if (what === "encrypted") return ENCRYPTED;
  const { entity, fileName } = what;
  const { name, parameters } = entity.type;
  const file = fileName ?? "the attachment";
  if (/^application\/(?:x-)?pkcs7-mime$/.test(name)) {
    const kind = parameters.get("smime-type")?.toLowerCase() ?? "";
    // Signatures beside a text have a type of their own.
    return kind === "signed-data" ? `[The text is within its signature (S/MIME), in ${file}.]` : ENCRYPTED;
  }
  if (
    name === "application/ms-tnef" ||
    name === "application/vnd.ms-tnef" ||
    /^winmail\.dat$/i.test(fileName ?? "")
  )
    return `[${file} is in the format of Outlook alone (TNEF); files may be within it.]`;
  return null;
}
