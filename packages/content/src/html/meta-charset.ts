import { bufferOf } from "../octets/octets.ts";

/** The charset stands near the beginning: programs look at the first 1,024 octets, style sheets before it push it further. */
const LOOKED_AT = 8192;
const XML = /^\W{0,4}<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']?([\w.:-]{1,60})/i;
/** `<meta charset=…>` and `<meta http-equiv=… content="text/html; charset=…">`. */
const META = /<meta\b[^>]{0,500}?\bcharset\s*=\s*["']?\s*([\w.:-]{1,60})/i;

/** The charset that HTML names itself (WHATWG HTML section 13.2.3.2); null if it does not. */
export function metaCharset(octets: Uint8Array): string | null {
  const beginning = bufferOf(octets).toString("latin1", 0, LOOKED_AT);
  return XML.exec(beginning)?.[1] ?? META.exec(beginning)?.[1] ?? null;
}
