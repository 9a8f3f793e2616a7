import { latin1 } from "./octets.ts";

/** The characters of the octets 80 to 9F; a control character where Windows-1252 has none. */
const FROM_80 =
  "\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178";

/** Reads octets as Windows-1252. Node's own decoder would not do: in several versions it reads them as ISO 8859-1. */
export function windows1252(octets: Uint8Array): string {
  return latin1(octets).replace(
    /[\x80-\x9f]/g,
    (control) => FROM_80[control.charCodeAt(0) - 0x80] ?? control,
  );
}
