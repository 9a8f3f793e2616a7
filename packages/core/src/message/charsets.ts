import iconv from "iconv-lite";

/** How the octets of a charset make characters. */
type Shape =
  /** Each octet is a character. */
  | "single"
  /** ASCII, and characters of several octets, the first of which is above 127. */
  | "multi"
  /** All octets are below 128; some sequences of them switch to other characters and back. */
  | "seven"
  /** All characters have two or four octets, also those of ASCII. */
  | "wide"
  /** Each octet is a character, but letters and digits have other octets than in ASCII. */
  | "ebcdic";

/** A charset in which mail may be written. */
export interface Charset {
  /** The preferred MIME name in lower case. */
  readonly name: string;
  readonly shape: Shape;
  /** Its name in iconv-lite, empty if that has no table for it. */
  readonly codec: string;
}

/**
 * A line for each charset: its name, its name in iconv-lite ("-" for none), and further labels. A label stands for the
 * largest charset that is sent under it: mail under gb2312 uses all of GB 18030, and mail under iso-8859-1 the quotation
 * marks of Windows-1252 (WHATWG Encoding, section 4.2).
 */
const TABLE: Readonly<Record<Shape, readonly string[]>> = {
  single: [
    "us-ascii ascii ascii ansix341968 ansix341986 iso646us iso646irv iso646irv1991 isoir6 cp367 ibm367 csascii us 7bit",
    "windows-1252 windows1252 cp1252 win1252 msansi ansi iso88591 iso885911987 88591 latin1 isolatin1 latin l1 isoir100 cp819 ibm819 csisolatin1 iso8859",
    "iso-8859-2 iso88592 88592 latin2 isolatin2 l2 isoir101 csisolatin2 iso885921987",
    "iso-8859-5 iso88595 cyrillic csisolatincyrillic isoir144 iso885951988",
    "iso-8859-15 iso885915 885915 latin9 latin0 l9 isoir203 csisolatin9 iso885915fdis",
    "windows-1250 windows1250 cp1250 win1250 msee",
    "windows-1251 windows1251 cp1251 win1251 mscyrl",
    "windows-1253 windows1253 cp1253 win1253 msgreek",
    "windows-1254 windows1254 cp1254 win1254 msturk iso88599 iso885991989 latin5 l5 isoir148 csisolatin5",
    "windows-1255 windows1255 cp1255 win1255 mshebr iso88598 iso88598i iso88598e iso885981988 hebrew isoir138 csisolatinhebrew csiso88598i csiso88598e logical visual",
    "windows-1256 windows1256 cp1256 win1256 msarab",
    "windows-1257 windows1257 cp1257 win1257 winbaltrim",
    "windows-1258 windows1258 cp1258 win1258",
    "windows-874 windows874 cp874 dos874 iso885911 tis620 tis6200 tis62025331 isoir166 thai",
    "koi8-r koi8r koi8 koi cskoi8r cp20866",
    "koi8-u koi8u koi8ru cskoi8u cp21866",
    "ibm437 cp437 cp437 dos437 cspc8codepage437",
    "ibm850 cp850 cp850 dos850 850 cspc850multilingual",
    "ibm852 cp852 cp852 dos852 852 cspcp852",
    "ibm866 cp866 cp866 dos866 866 csibm866",
    "macintosh macintosh macroman mac csmacintosh applemac",
    "x-mac-cyrillic maccyrillic maccyrillic",
    "x-mac-ukrainian macukraine macukrainian macukraine",
    "x-mac-greek macgreek macgreek",
    "x-mac-turkish macturkish macturkish",
    "x-mac-ce maccenteuro macce maccentraleurroman maccentraleurope maccenteuro",
    "x-mac-romanian macromania macromanian macromania",
    "x-mac-croatian maccroatian maccroatian",
    "x-mac-icelandic maciceland macicelandic maciceland",
    "x-mac-thai macthai macthai",
  ],
  multi: [
    "utf-8 utf8 utf8mb3 utf8mb4 unicode11utf8 unicode20utf8 csutf8 cp65001 65001 utf8mac utf8n utf",
    "shift_jis cp932 sjis mskanji csshiftjis windows31j cswindows31j ms932 cp932 windows932 mscp932 ibm943 cp943 shiftjis2004",
    "euc-jp eucjp euc ujis eucjpms eucjpwin eucjpopen eucjpascii eucjp0201 eucjp2004 eucjisx0213 eucjis2004 eucjplinux ibmeucjp ibm33722 cp33722 cp20932 cp51932 windows51932 cseucpkdfmtjapanese extendedunixcodepackedformatforjapanese",
    "euc-kr cp949 cseuckr ksc56011987 ksc56011989 ksc56011992 ksc5601 csksc56011987 korean isoir149 windows949 ms949 cp949 uhc ksx1001",
    "gb18030 gb18030 gb180302000 gb180302005 gb180302022 gbk cp936 ms936 windows936 gb2312 gb23121980 gb231280 csgb2312 csiso58gb231280 isoir58 chinese euccn cngb gb cp54936",
    "big5 big5hkscs big5hkscs big5hkscs2004 cnbig5 csbig5 xbig5 big5eten big5et cp950 ms950 windows950 cp951 hkscs",
  ],
  seven: [
    "iso-2022-jp eucjp iso2022jp1 iso2022jp2 iso2022jp3 iso2022jp2004 iso2022jpms iso2022jpext csiso2022jp csiso2022jp2 cp50220 cp50221 cp50222 windows50220 windows50221 jis iso2022",
    "iso-2022-kr cp949 csiso2022kr cp50225 windows50225",
    "iso-2022-cn gb18030 iso2022cnext csiso2022cn cp50227",
    "hz-gb-2312 gb18030 hz hzgb",
    "utf-7 utf7 unicode11utf7 unicode20utf7 csunicode11utf7 csutf7 cp65000",
  ],
  wide: [
    "utf-16 utf16 ucs2 iso10646ucs2 csunicode iso10646 csutf16",
    "utf-16le utf16le ucs2le csutf16le unicodelittle cp1200",
    "utf-16be utf16be ucs2be csutf16be unicodebig cp1201",
    "utf-32 utf32 ucs4 iso10646ucs4 csutf32",
    "utf-32le utf32le ucs4le csutf32le",
    "utf-32be utf32be ucs4be csutf32be",
  ],
  ebcdic: [
    "ibm037 - cp037 cp37 csibm037 ebcdiccpus ebcdiccpca ebcdiccpwt ebcdiccpnl ebcdicus ebcdic",
    "ibm1047 - cp1047 cp01047 csibm1047",
    "ibm500 - cp500 csibm500 ebcdiccpbe ebcdiccpch ebcdicinternational",
    "ibm273 - cp273 csibm273 ebcdiccpde",
    "ibm1140 - cp1140 cp01140 ccsid01140 ccsid1140 ebcdicus37euro",
    "ibm1141 - cp1141 cp01141 ebcdicde273euro",
    "ibm1148 - cp1148 cp01148 ebcdicinternational500euro",
    // EBCDIC of other countries and scripts, for which there is no table here: only A to Z and the like can be read.
    "ebcdic-other - cp274 cp275 cp277 cp278 cp280 cp281 cp284 cp285 cp290 cp297 cp420 cp423 cp424 cp870 cp871 cp875 cp880 cp905 cp918 cp924 cp930 cp931 cp933 cp935 cp937 cp939 cp1025 cp1026 cp1112 cp1122 cp1123 cp1142 cp1143 cp1144 cp1145 cp1146 cp1147 cp1149 ebcdicatde ebcdiccafr ebcdicdkno ebcdicfise ebcdicfr ebcdicit ebcdices ebcdicpt ebcdicuk ebcdiccpdk ebcdiccpno ebcdiccpfi ebcdiccpse ebcdiccpit ebcdiccpes ebcdiccpgb ebcdiccpfr ebcdiccpgr ebcdiccphe ebcdiccpar1 ebcdiccproece ebcdiccpyu ebcdiccpis ebcdiccptr ebcdicjpkana ebcdiccyrillic",
  ],
};

const CHARSETS: ReadonlyMap<string, Charset> = new Map(
  (Object.entries(TABLE) as [Shape, readonly string[]][]).flatMap(([shape, rows]) =>
    rows.flatMap((row) => {
      const [name = "", codec = "", ...labels] = row.split(" ");
      const charset = { name, shape, codec: codec === "-" ? "" : codec };
      return [key(name), ...labels].map((label) => [label, charset] as const);
    }),
  ),
);

/** Names that iconv-lite takes for encodings, but which are no charsets of mail. */
const NO_CHARSETS: ReadonlySet<string> = new Set([
  "binary",
  "base64",
  "hex",
  "internal",
  "cesu8",
  "utf7imap",
]);

/** The longest label that is looked up. */
const MAX_LABEL = 100;

/**
 * The charset of a label as it stands in a message: in upper or lower case, in quotation marks of any kind, with
 * `charset=` before it or a language after it (RFC 2231 section 5). Null if the label is not known or says nothing
 * (`default`, `unknown-8bit`).
 */
export function charsetOf(label: string): Charset | null {
  const known = FOUND.get(label);
  if (known !== undefined) return known;
  if (label.length > MAX_LABEL) return null;
  const charset = findCharset(key(label));
  if (FOUND.size >= MAX_FOUND) FOUND.clear();
  FOUND.set(label, charset);
  return charset;
}

/** A cache: mail has the same few labels again and again, and iconv-lite takes long to find that it does not know one. */
const FOUND = new Map<string, Charset | null>();
const MAX_FOUND = 500;

function findCharset(bare: string): Charset | null {
  const spellings = [bare, bare.replace(/^x/, ""), bare.replace(/^[a-z]{0,9}(?=\d+$)/, "cp")];
  for (const spelling of spellings) {
    const charset = CHARSETS.get(spelling);
    if (charset !== undefined) return charset;
  }
  const codec = spellings.find(
    (spelling) => spelling !== "" && !NO_CHARSETS.has(spelling) && iconv.encodingExists(spelling),
  );
  if (codec === undefined) return null;
  // All charsets of iconv-lite that are not in the table have single octets.
  const name = codec.replace(/^cp(?=\d)/, "ibm").replace(/^iso8859/, "iso-8859-");
  return { name, shape: "single", codec };
}

/** The label's letters and digits in lower case, which are the same in all spellings. */
function key(label: string): string {
  return label
    .toLowerCase()
    .replace(/^\W*charset\W*=/, "")
    .replace(/[*;].*$/s, "")
    .replace(/[^a-z0-9]/g, "");
}
