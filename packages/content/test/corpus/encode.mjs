// Writes octets.txt: what corpus.txt has in charsets that JavaScript does not write, as glibc's iconv encodes it, so that
// the decoder is not tested against tables of its own. Run it after a change of the table: node encode.mjs
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { withSource } from "../../../../scripts/typescript.mjs";

/** iconv's names where they are others. Mail under these labels is written by Windows' tables. */
/** @type {Readonly<Record<string, string>>} */
const NAMES = { shift_jis: "CP932", "euc-kr": "CP949", "windows-874": "CP874" };

const folder = import.meta.dirname;
const file = path.join(folder, "octets.txt");
// The template reads it.
writeFileSync(file, "", { flag: "a" });

await withSource(folder, "/template.ts", ({ encodingsOf }) => {
  const table = readFileSync(path.join(folder, "corpus.txt"), "utf8");
  /** @type {readonly { readonly charset: string; readonly text: string }[]} */
  const encodings = encodingsOf(table.slice(table.search(/^=== /m)));
  const lines = encodings.map(
    ({ charset, text }) => `${charset} ${encode(charset, text).toString("base64")} ${JSON.stringify(text)}\n`,
  );
  writeFileSync(file, [...new Set(lines)].toSorted(compare).join(""));
});

/**
 * @param {string} one
 * @param {string} other
 */
function compare(one, other) {
  return one < other ? -1 : 1;
}

/**
 * @param {string} charset
 * @param {string} text
 */
function encode(charset, text) {
  return charset === "hz-gb-2312" ? hz(text) : iconv(NAMES[charset] ?? charset, text);
}

/**
 * @param {string} name
 * @param {string} text
 */
function iconv(name, text) {
  try {
    return execFileSync("iconv", ["-f", "UTF-8", "-t", name], {
      input: text,
      stdio: ["pipe", "pipe", "pipe"],
    });
  } catch (cause) {
    throw new Error(`iconv cannot write ${JSON.stringify(text)} in ${name}`, { cause });
  }
}

/**
 * RFC 1843, which iconv does not know: GB 2312 in seven bits between ~{ and ~}.
 * @param {string} text
 */
function hz(text) {
  const pieces = text
    .replaceAll("~", "~~")
    .split(/([^\0-\x7f]+)/)
    .map((piece) =>
      /^[\0-\x7f]*$/.test(piece)
        ? piece
        : `~{${Buffer.from(iconv("GB2312", piece).map((octet) => octet & 0x7f)).toString("latin1")}~}`,
    );
  return Buffer.from(pieces.join(""), "latin1");
}
