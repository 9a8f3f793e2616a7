/** The characters of the octets 40 to FE in EBCDIC for the USA (code page 37). */
const FROM_40 =
  " \u00a0âäàáãåçñ¢.<(+|&éêëèíîïìß!$*);¬-/ÂÄÀÁÃÅÇÑ¦,%_>?øÉÊËÈÍÎÏÌ`:#@'=\"Øabcdefghi«»ðýþ±°jklmnopqrªºæ¸Æ¤µ~stuvwxyz¡¿ÐÝÞ®^£¥·©§¶¼½¾[]¯¨´×{ABCDEFGHI\u00adôöòóõ}JKLMNOPQR¹ûüùúÿ\\÷STUVWXYZ²ÔÖÒÓÕ0123456789³ÛÜÙÚ";

const INTERNATIONAL = "4a[ 4f! 5a] 5f^ b0¢ ba¬ bb|";
const GERMAN = "43{ 4aÄ 4f! 59~ 5aÜ 5f^ 63[ 6aö 7c§ a1ß b0¢ b5@ ba¬ bb| c0ä cc¦ d0ü dc} e0Ö ec\\ fc]";

/** The differences of other code pages: an octet in two hexadecimal digits, and its character. */
const OTHERS: Readonly<Record<string, string>> = {
  ibm037: "",
  ibm1047: "5f^ ad[ b0¬ baÝ bb¨ bd]",
  ibm500: INTERNATIONAL,
  ibm273: GERMAN,
  ibm1140: "9f€",
  ibm1148: `${INTERNATIONAL} 9f€`,
  ibm1141: `${GERMAN} 9f€`,
};

/** Controls in texts, by their octets. Line ends may also be those of ASCII, which mail software inserts. */
const CONTROLS: Readonly<Record<number, string>> = { 5: "\t", 10: "\n", 13: "\r", 21: "\n", 37: "\n" };
/** The characters that have the same octets in all code pages of EBCDIC. */
const COMMON = /[ a-zA-Z0-9.<(+&*);\-/,%_>?:'=]/;
const NO_CHARACTER = "\ufffd";
const BLANK = 0x40;
const ASCII_BLANK = 0x20;

/** Reads octets in a charset of EBCDIC. Without a table for `name` only the characters that all share are read. */
export function readEbcdic(octets: Uint8Array, name: string): string {
  const table = tableOf(name);
  return Array.from(octets, (octet) => table[octet]).join("");
}

/** True if octets with such a label are EBCDIC: there letters and digits are above 127, and the blank is not ASCII's. */
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
  for (const other of others?.split(" ") ?? [])
    if (other !== "") table[Number.parseInt(other.slice(0, 2), 16)] = other.slice(2);
  const made =
    others === undefined
      ? table.map((sign) => (sign < " " || COMMON.test(sign) ? sign : NO_CHARACTER))
      : table;
  TABLES.set(name, made);
  return made;
}
