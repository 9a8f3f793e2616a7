import { readFileSync } from "node:fs";

/**
 * Text in a mail of the table that is not written as ASCII: ⟦how|text⟧. `how` is a charset, then perhaps the form (`b` and
 * `q` encoded words, `qp` quoted-printable, `base64`, `percent` of RFC 2231), `as` a label that is not the charset's name,
 * and `/N` for encoded words of at most N octets, cut wherever that is.
 */
const MARK = /⟦([^|⟧]+)\|([^⟧]*)⟧/g;
const HOW = /^([a-z0-9_-]+)(?: (b|q|qp|base64|percent))?(?: as ([^ ]*))?(?: \/(\d+))?$/;
const ESCAPE = /\\u\{([0-9a-f]{1,6})\}/g;

type Form = "b" | "q" | "qp" | "base64" | "percent";

/** Characters that nobody can see are written as `\u{202e}`. */
export function unescaped(text: string): string {
  return text.replace(ESCAPE, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 16)));
}

/** A text, and the charset that it is to be encoded in. */
export interface Encoding {
  readonly charset: string;
  readonly text: string;
}

/** All that a mail of the table has in charsets that JavaScript does not write. */
export function encodingsOf(mail: string): readonly Encoding[] {
  return [...mail.matchAll(MARK)]
    .map(([, how = "", text = ""]) => ({ charset: HOW.exec(how)?.[1] ?? "", text: withLineEnds(text) }))
    .filter(({ charset }) => !(charset in OWN));
}

/** The octets of a mail of the table; its lines end with CRLF. */
export function mailOctets(mail: string): Buffer {
  const pieces: string[] = [];
  let done = 0;
  for (const match of mail.matchAll(MARK)) {
    const [mark, how = "", text = ""] = match;
    pieces.push(ascii(mail.slice(done, match.index)), marked(how, withLineEnds(text)));
    done = match.index + mark.length;
  }
  return Buffer.from([...pieces, ascii(mail.slice(done))].join(""), "latin1");
}

function withLineEnds(text: string): string {
  return unescaped(text).replaceAll("\n", "\r\n");
}

function ascii(written: string): string {
  const text = unescaped(written);
  const beyond = /[^\n\t\x20-\x7e]/.exec(text);
  if (beyond !== null)
    throw new Error(`${JSON.stringify(beyond[0])} of ${text} stands outside of ⟦charset|text⟧`);
  return text.replaceAll("\n", "\r\n");
}

function marked(how: string, text: string): string {
  const [, charset = "", form, label = charset, most] = HOW.exec(how) ?? [];
  if (charset === "") throw new Error(`"${how}" is no way to write a text`);
  const octets = encoded({ charset, text });
  return form === undefined
    ? octets.toString("latin1")
    : FORMS[form as Form](octets, label, Number(most ?? 45));
}

const FORMS: Readonly<Record<Form, (octets: Buffer, label: string, most: number) => string>> = {
  b: (octets, label, most) =>
    pieces(octets, most)
      .map((piece) => `=?${label}?B?${piece.toString("base64")}?=`)
      .join("\r\n "),
  q: (octets, label, most) =>
    pieces(octets, most)
      .map((piece) => `=?${label}?Q?${hexadecimal(piece, "=", /[A-Za-z0-9!*+/-]/).replaceAll("=20", "_")}?=`)
      .join("\r\n "),
  qp: (octets) =>
    octets
      .toString("latin1")
      .split("\r\n")
      .map((line) =>
        hexadecimal(Buffer.from(line, "latin1"), "=", /[ -<>-~]/)
          .replace(/ $/, "=20")
          .replace(/(?:=[0-9A-F]{2}|[^=]){60}(?=.)/g, "$&=\r\n"),
      )
      .join("\r\n"),
  base64: (octets) => octets.toString("base64").replace(/.{76}(?=.)/g, "$&\r\n"),
  percent: (octets) => hexadecimal(octets, "%", /[A-Za-z0-9.-]/),
};

function pieces(octets: Buffer, most: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(octets.length / most) }, (_, at) =>
    octets.subarray(at * most, (at + 1) * most),
  );
}

function hexadecimal(octets: Buffer, mark: string, plain: RegExp): string {
  return Array.from(octets, (octet) => {
    const character = String.fromCharCode(octet);
    return plain.test(character) ? character : mark + octet.toString(16).toUpperCase().padStart(2, "0");
  }).join("");
}

const OWN: Readonly<Record<string, (text: string) => Buffer>> = {
  hex: (text) => Buffer.from(text.replace(/\s/g, ""), "hex"),
  "us-ascii": (text) => Buffer.from(text, "latin1"),
  "utf-8": (text) => Buffer.from(text),
  "utf-16le": (text) => Buffer.from(text, "utf16le"),
  "utf-16be": (text) => Buffer.from(text, "utf16le").swap16(),
};

/** Charset, octets in base64, and the text as JSON, line by line, as glibc's iconv has them: see `encode.mjs`. */
const OCTETS: ReadonlyMap<string, Buffer> = new Map(
  readFileSync(new URL("octets.txt", import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [charset = "", base64 = "", ...text] = line.split(" ");
      return [`${charset} ${text.join(" ")}`, Buffer.from(base64, "base64")] as const;
    }),
);

function encoded({ charset, text }: Encoding): Buffer {
  const octets = OWN[charset]?.(text) ?? OCTETS.get(`${charset} ${JSON.stringify(text)}`);
  if (octets === undefined)
    throw new Error(
      `octets.txt lacks ${JSON.stringify(text)} in ${charset}: run encode.mjs, which stands beside it`,
    );
  return octets;
}
