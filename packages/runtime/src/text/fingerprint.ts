import { FieldError } from "./field-error.ts";

/** The forms that a fingerprint may have, for people. */
export const FINGERPRINT_FORMS =
  "a SHA-256 in hex (64 digits; with colons, too, and as openssl prints it: sha256 Fingerprint=AB:CD:…) or base64 (43 or 44 characters)";

/** Other digests, by what openssl calls them and by how many hexadecimal digits they have. */
const OTHERS: readonly { readonly name: string; readonly prefix: RegExp; readonly digits: number }[] = [
  { name: "MD5", prefix: /^md5\b/i, digits: 32 },
  { name: "SHA-1", prefix: /^sha-?1\b/i, digits: 40 },
  { name: "SHA-224", prefix: /^sha-?224\b/i, digits: 56 },
  { name: "SHA-384", prefix: /^sha-?384\b/i, digits: 96 },
  { name: "SHA-512", prefix: /^sha-?512\b/i, digits: 128 },
];

/**
 * Reads a SHA-256 in the forms in which programs print it, and gives it as the POP3 client takes it: hex or base64.
 * @throws FieldError which says what is allowed, and which other digest it is
 */
export function readFingerprint(text: string): string {
  const trimmed = text.trim();
  const other = OTHERS.find(
    ({ prefix, digits }) => prefix.test(trimmed) || (isHex(trimmed) && digitsOf(trimmed).length === digits),
  );
  if (other !== undefined)
    throw new FieldError(
      `is a fingerprint by ${other.name}, which is not taken: must be ${FINGERPRINT_FORMS}`,
    );
  if (/^sha256\/\//i.test(trimmed))
    throw new FieldError(`is the form of a public key's fingerprint: must be ${FINGERPRINT_FORMS}`);
  const digest = trimmed.replace(/^sha-?256(?:[ _-]?fingerprint)?\s*[:=]\s*/i, "");
  if (isHex(digest) && digitsOf(digest).length === 64) return /\s|-/.test(digest) ? digitsOf(digest) : digest;
  if (/^[A-Za-z0-9+/]{43}=?$/.test(digest)) return digest;
  throw new FieldError(`must be ${FINGERPRINT_FORMS}`);
}

/** A fingerprint (base64) in the form that people compare: `SHA256:AB:CD:…`, as `readFingerprint` takes it. */
export function shownFingerprint(base64: string): string {
  const pairs = Buffer.from(base64, "base64").toString("hex").toUpperCase().match(/../g) ?? [];
  return `SHA256:${pairs.join(":")}`;
}

function isHex(text: string): boolean {
  return /^[0-9a-f]{2}(?:[:\s-]?[0-9a-f]{2})*$/i.test(text);
}

function digitsOf(text: string): string {
  return text.replace(/[:\s-]/g, "");
}
