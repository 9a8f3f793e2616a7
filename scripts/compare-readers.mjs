// Reads the sample mail of others with @mailonce/content, Python's email and mailparser, and lists what differs and why.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fetchCorpus } from "./compare-readers/corpus.mjs";
import {
  addressDifferences,
  fileDifferences,
  partDifferences,
  textDifferences,
  UNEXPLAINED,
} from "./compare-readers/differences.mjs";
import { mailIn } from "./compare-readers/mail-files.mjs";
import { readOptions } from "./options.mjs";

/** @typedef {import("./compare-readers/differences.mjs").Facts} Facts */
/** @typedef {import("./compare-readers/differences.mjs").Part} Part */

const usage = `node scripts/compare-readers.mjs [--mail FOLDER] [--list TEXT]

Downloads sample mail from the tests of Debian's packages into a temporary folder (--mail: takes what is in this one), reads
it with @mailonce/content, Python's email and npm's mailparser, and counts what differs. --list shows the messages of the
differences whose line has this text. Each message is also read in pieces, and each of its parts on its own: exit code 1 if
that gives anything else, if one cannot be read, or takes longer than a second for each megabyte and a second more.`;
const { values } = readOptions(usage, { mail: { type: "string" }, list: { type: "string" } });

const root = join(import.meta.dirname, "..");
const PIECE = 4096;
const folder = mkdtempSync(join(tmpdir(), "mailonce-readers-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

run(join(root, "node_modules/.bin/tsc"), ["-b", join(root, "packages/content")]);
run("npm", ["install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", "mailparser"]);
/** @type {typeof import("../packages/content/src/index.ts")} */
const content = await import(pathToFileURL(join(root, "packages/content/dist/index.js")).href);
const { simpleParser } = createRequire(join(folder, "x.js"))("mailparser");

const mails = [...mailIn(values.mail === undefined ? fetchCorpus(folder) : [values.mail])];
console.log(`${mails.length} messages`);
const files = join(folder, "files");
mkdirSync(files);
for (const [at, { octets }] of mails.entries()) writeFileSync(join(files, `${at}`), octets);
const python = readWithPython(mails.map((_, at) => join(files, `${at}`)));

/** @type {Map<string, string[]>} */
const found = new Map();
/** @type {string[]} */
const broken = [];
for (const [at, { path, octets }] of mails.entries()) {
  try {
    const ours = await readOurs(octets);
    const others = { python: python[at] ?? null, mailparser: await readWithMailparser(octets) };
    if (others.python !== null) {
      note("Python", path, partDifferences(ours, others.python));
      note("Python", path, textDifferences(ours, others.python));
      note("Python", path, addressDifferences(ours, others.python));
    }
    if (others.mailparser !== null) {
      note("mailparser", path, textDifferences(ours, others.mailparser));
      note("mailparser", path, fileDifferences(ours, others.mailparser, others.python));
    }
  } catch (error) {
    broken.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
report();

/** @param {string} reader @param {string} path @param {Iterable<import("./compare-readers/differences.mjs").Difference>} differences */
function note(reader, path, differences) {
  for (const { what, why, detail } of differences) {
    const line = `${reader} | ${what} | ${why}`;
    found.set(line, [...(found.get(line) ?? []), `${path}: ${detail}`]);
  }
}

function report() {
  const lines = [...found].sort(([one, a], [other, b]) => b.length - a.length || one.localeCompare(other));
  for (const [line, messages] of lines) {
    console.log(`${String(messages.length).padStart(5)} | ${line}`);
    const isListed = line.endsWith(UNEXPLAINED) || (values.list !== undefined && line.includes(values.list));
    if (isListed) for (const message of messages) console.log(`        ${message.slice(0, 300)}`);
  }
  console.log(`at most ${Math.round(process.resourceUsage().maxRSS / 1024)} MB of memory, all mail included`);
  for (const one of broken) console.log(`broken: ${one}`);
  if (broken.length > 0) process.exitCode = 1;
}

/** @param {Buffer} octets @returns {Promise<Facts>} */
async function readOurs(octets) {
  const before = process.cpuUsage();
  const read = content.readContent(octets);
  const { user, system } = process.cpuUsage(before);
  if ((user + system) / 1e6 > 1 + octets.length / 1e6) throw new Error(`took ${(user + system) / 1e6} s`);
  if (JSON.stringify(await content.readContent(piecesOf(octets))) !== JSON.stringify(read))
    throw new Error("is read otherwise in pieces");
  /** @type {Part[]} */
  const parts = [];
  for (const {
    number,
    fileIndex,
    mimeType,
    fileName,
    sha256,
    octets: length,
    use,
    disposition,
  } of read.parts) {
    const pieces = [];
    for await (const piece of content.partContent(octets, number, fileIndex)) pieces.push(piece);
    const part = Buffer.concat(pieces);
    const digest = digestOf(part);
    if (part.length !== length || digest !== Buffer.from(sha256).toString("hex"))
      throw new Error(`part ${number} is not as it was told`);
    const bare = digestOf(Buffer.from(part.toString("latin1").replace(/[ \t\n\v\f\r]+/g, ""), "latin1"));
    parts.push({
      number,
      fileIndex,
      type: mimeType,
      name: fileName,
      sha256: digest,
      bare,
      octets: length,
      use,
      disposition,
    });
  }
  const { text, faults } = read;
  const addresses = read.addresses.flatMap(({ address }) => address ?? []);
  return { parts, hasText: text.trim() !== "", addresses, faults, text };
}

/** @param {Buffer} octets */
async function* piecesOf(octets) {
  for (let at = 0; at < octets.length; at += PIECE) yield octets.subarray(at, at + PIECE);
}

/** @param {readonly string[]} paths @returns {readonly (Facts | null)[]} */
function readWithPython(paths) {
  const reader = join(import.meta.dirname, "compare-readers/read.py");
  const { stdout } = spawnSync("python3", [reader], {
    input: `${paths.join("\n")}\n`,
    encoding: "utf8",
    maxBuffer: 1e9,
  });
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .map((facts) => (facts.error === undefined ? { ...facts, faults: [], text: "" } : null));
}

/** @param {Buffer} octets @returns {Promise<Facts | null>} */
async function readWithMailparser(octets) {
  try {
    const { text, html, attachments } = await simpleParser(octets, { skipImageLinks: true });
    /** @type {readonly Part[]} */
    const parts = attachments.map(
      (/** @type {{ filename?: string, contentType: string, content: Buffer }} */ file) => ({
        number: null,
        type: file.contentType,
        name: file.filename ?? null,
        sha256: digestOf(file.content),
        bare: null,
        octets: file.content.length,
      }),
    );
    const hasText = Boolean(text?.trim()) || Boolean(html && String(html).trim());
    return { parts, hasText, addresses: null, faults: [], text: "" };
  } catch {
    return null;
  }
}

/** @param {Uint8Array} octets */
function digestOf(octets) {
  return createHash("sha256").update(octets).digest("hex");
}

/** @param {string} program @param {readonly string[]} parameters */
function run(program, parameters) {
  const { status, stderr } = spawnSync(program, parameters, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
}
