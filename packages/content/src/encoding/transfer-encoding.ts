import type { Faults } from "../faults.ts";
import { type Base64Purpose, decodeBase64 } from "./base64.ts";
import { decodeQuotedPrintable } from "./quoted-printable.ts";
import { decodeUuencoded } from "./uuencode.ts";

/** How octets were made fit to travel (RFC 2045 section 6). */
export type TransferEncoding = "identity" | "base64" | "quoted-printable" | "uuencode" | "unknown";

/** Names in their letters and digits alone: senders write `base-64`, `"base64"`, `Quoted Printable`. */
const NAMES: Readonly<Record<string, TransferEncoding>> = {
  "": "identity",
  "7bit": "identity",
  "7bits": "identity",
  "8bit": "identity",
  "8bits": "identity",
  binary: "identity",
  none: "identity",
  ascii: "identity",
  usascii: "identity",
  utf8: "identity",
  utf: "identity",
  base64: "base64",
  b64: "base64",
  xbase64: "base64",
  quotedprintable: "quoted-printable",
  quotedprint: "quoted-printable",
  qp: "quoted-printable",
  xquotedprintable: "quoted-printable",
  uuencode: "uuencode",
  uue: "uuencode",
  xuuencode: "uuencode",
  xuue: "uuencode",
};

/** Reads Content-Transfer-Encoding; null is a field that is missing. */
export function readTransferEncoding(text: string | null): TransferEncoding {
  const name = withoutComments(text ?? "")
    .toLowerCase()
    .replace(/[;,].*$/s, "")
    .replace(/[^a-z0-9]/g, "");
  const known = NAMES[name];
  if (known !== undefined) return known;
  if (isSlipOf(name, "quotedprintable")) return "quoted-printable";
  // `x-unknown`, and a charset where the encoding should stand, change no octets.
  return /^(?:iso8859|windows125|us)/.test(name) ? "identity" : "unknown";
}

/** Comments may stand anywhere in the field, and in each other (RFC 822 section 3.4.3). One without an end is all the rest. */
function withoutComments(text: string): string {
  let bare = "";
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? "";
    if (sign === "(") depth++;
    else if (depth === 0) bare += sign;
    else if (sign === ")") depth--;
    else if (sign === "\\") at++;
  }
  return bare;
}

/** True if one letter is wrong, missing, or too many, as in `quoted-printible`. */
function isSlipOf(name: string, right: string): boolean {
  if (Math.abs(name.length - right.length) > 1) return false;
  const shorter = Math.min(name.length, right.length);
  let before = 0;
  while (before < shorter && name[before] === right[before]) before++;
  let after = 0;
  while (after < shorter - before && name.at(-1 - after) === right.at(-1 - after)) after++;
  return before + after >= Math.max(name.length, right.length) - 1;
}

/** Decodes a body. What cannot be decoded stays as it is. */
export function decodeTransfer(
  body: Buffer,
  encoding: TransferEncoding,
  purpose: Base64Purpose,
  faults: Faults,
): Buffer {
  switch (encoding) {
    case "base64":
      return decodeBase64(body, purpose, faults);
    case "quoted-printable":
      return decodeQuotedPrintable(body);
    case "uuencode":
      return decodeUuencoded(body, faults);
    case "unknown":
      faults.note("a part is encoded in a way that nobody knows; it is read as it stands");
      return body;
    case "identity":
      return body;
  }
}
