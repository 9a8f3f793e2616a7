/** How many octets of a part are looked at. */
const LOOKED_AT = 4096;
/** Which part of a text's octets may be control characters. */
const FEW = 0.02;
/** How many control characters any text may have: in a short one a single one would be more than that part. */
const FEW_OF_SHORT = 3;

/** True if octets that should be text look like it, or are mostly text, however few they are. */
export function mayBeText(octets: Uint8Array): boolean {
  if (looksLikeText(octets)) return true;
  const controls = controlsIn(octets.subarray(0, LOOKED_AT));
  return controls <= FEW_OF_SHORT && 2 * controls < octets.length;
}

/**
 * True if the octets read like text in some charset: hardly a control character among them, or, in a charset of two or four
 * octets a character, a byte order mark before them or a NUL in every second octet.
 */
export function looksLikeText(octets: Uint8Array): boolean {
  const part = octets.subarray(0, LOOKED_AT);
  if (isWide(part)) return true;
  return controlsIn(part) <= part.length * FEW;
}

function controlsIn(part: Uint8Array): number {
  let controls = 0;
  for (const octet of part) if (isControl(octet)) controls++;
  return controls;
}

/** Tabs, line ends, form feeds and escapes, which ISO 2022 switches its characters with, stand in texts. */
function isControl(octet: number): boolean {
  if (octet >= 0x20) return octet === 0x7f;
  return (octet < 0x08 || octet > 0x0f) && octet !== 0x1b;
}

function isWide(part: Uint8Array): boolean {
  if ((part[0] === 0xff && part[1] === 0xfe) || (part[0] === 0xfe && part[1] === 0xff)) return true;
  let [even, odd] = [0, 0];
  for (let at = 0; at + 1 < part.length; at += 2) {
    if (part[at] === 0) even++;
    if (part[at + 1] === 0) odd++;
  }
  const pairs = part.length / 2;
  const [more, less] = even > odd ? [even, odd] : [odd, even];
  return more > pairs * 0.4 && less < pairs * 0.1;
}
