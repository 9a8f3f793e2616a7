/** What EBCDIC for the USA (code page 37) has at 40 to FE. */
const FROM_40 =
  " \u00a0âäàáãåçñ¢.<(+|&éêëèíîïìß!$*);¬-/ÂÄÀÁÃÅÇÑ¦,%_>?øÉÊËÈÍÎÏÌ`:#@'=\"Øabcdefghi«»ðýþ±°jklmnopqrªºæ¸Æ¤µ~stuvwxyz¡¿ÐÝÞ®^£¥·©§¶¼½¾[]¯¨´×{ABCDEFGHI\u00adôöòóõ}JKLMNOPQR¹ûüùúÿ\\÷STUVWXYZ²ÔÖÒÓÕ0123456789³ÛÜÙÚ";

/** Where others differ from it. */
const OTHERS: Readonly<Record<string, readonly (readonly [octet: number, character: string])[]>> = {
  ibm037: [],
  ibm1047: [
    [0x5f, "^"],
    [0xad, "["],
    [0xb0, "¬"],
    [0xba, "Ý"],
    [0xbb, "¨"],
    [0xbd, "]"],
  ],
  ibm500: [
    [0x4a, "["],
    [0x4f, "!"],
    [0x5a, "]"],
    [0x5f, "^"],
    [0xb0, "¢"],
    [0xba, "¬"],
    [0xbb, "|"],
  ],
  ibm273: [
    [0x43, "{"],
    [0x4a, "Ä"],
    [0x4f, "!"],
    [0x59, "~"],
    [0x5a, "Ü"],
    [0x5f, "^"],
    [0x63, "["],
    [0x6a, "ö"],
    [0x7c, "§"],
    [0xa1, "ß"],
    [0xb0, "¢"],
    [0xb5, "@"],
    [0xba, "¬"],
    [0xbb, "|"],
    [0xc0, "ä"],
    [0xcc, "¦"],
    [0xd0, "ü"],
    [0xdc, "}"],
    [0xe0, "Ö"],
    [0xec, "\\"],
    [0xfc, "]"],
  ],
  ibm1140: [[0x9f, "\u20ac"]],
  ibm1148: [
    [0x4a, "["],
    [0x4f, "!"],
    [0x5a, "]"],
    [0x5f, "^"],
    [0xb0, "¢"],
    [0xba, "¬"],
    [0xbb, "|"],
    [0x9f, "\u20ac"],
  ],
  ibm1141: [
    [0x43, "{"],
    [0x4a, "Ä"],
    [0x4f, "!"],
    [0x59, "~"],
    [0x5a, "Ü"],
    [0x5f, "^"],
    [0x63, "["],
    [0x6a, "ö"],
    [0x7c, "§"],
    [0xa1, "ß"],
    [0xb0, "¢"],
    [0xb5, "@"],
    [0xba, "¬"],
    [0xbb, "|"],
    [0xc0, "ä"],
    [0xcc, "¦"],
    [0xd0, "ü"],
    [0xdc, "}"],
    [0xe0, "Ö"],
    [0xec, "\\"],
    [0xfc, "]"],
    [0x9f, "\u20ac"],
  ],
};

/** Controls that stand in texts; between lines also those of ASCII, which mail writes there. */
const CONTROLS: Readonly<Record<number, string>> = { 5: "\t", 10: "\n", 13: "\r", 21: "\n", 37: "\n" };
/** What all countries' EBCDIC has in the same places. */
const COMMON = /[ a-zA-Z0-9.<(+&*);\-/,%_>?:'=]/;
const NO_CHARACTER = "\ufffd";
const BLANK = 0x40;
const ASCII_BLANK = 0x20;

/** Octets in a charset of EBCDIC; of one whose table is not here, what all have in common. */
export function readEbcdic(octets: Uint8Array, name: string): string {
  const table = tableOf(name);
  return Array.from(octets, (octet) => table[octet]).join("");
}

/** True if octets under such a label are meant so: its letters and digits are above 127, and it has a blank of its own. */
export function looksLikeEbcdic(octets: Uint8Array): boolean {
  let [high, blanks, asciiBlanks] = [0, 0, 0];
  for (const octet of octets) {
    if (octet >= 0x80) high++;
    else if (octet === BLANK) blanks++;
    else if (octet === ASCII_BLANK) asciiBlanks++;
  }
  return asciiBlanks <= blanks && 2 * high >= octets.length - blanks;
}

const TABLES = new Map<string, readonly string[]>();

function tableOf(name: string): readonly string[] {
  const known = TABLES.get(name);
  if (known !== undefined) return known;
  const others = OTHERS[name];
  const table = Array.from(
    { length: 256 },
    (_, octet) => CONTROLS[octet] ?? FROM_40[octet - BLANK] ?? NO_CHARACTER,
  );
  for (const [octet, character] of others ?? []) table[octet] = character;
  const made =
    others === undefined
      ? table.map((sign) => (sign < " " || COMMON.test(sign) ? sign : NO_CHARACTER))
      : table;
  TABLES.set(name, made);
  return made;
}
