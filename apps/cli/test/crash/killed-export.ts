import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openDatabase } from "@mailonce/runtime";
import { type RunningProcess, startPop3Server, startProcess, temporaryFolder } from "@mailonce/testkit";
import { BIN } from "../mailonce.ts";
import { fetchUntilDone } from "./command.ts";
import type { CrashDatabase } from "./crash-database.ts";

/** How many messages there are to export: several batches. */
const MESSAGES = 250;
const FORMATS = ["eml", "maildir", "mbox", "jsonl"] as const;
type Format = (typeof FORMATS)[number];

/** What many kills of `mailonce export --new` came to. */
export interface KilledExport {
  /** How many were killed before they ended. */
  readonly killed: number;
  /** How often something was written when it was killed, and not all. */
  readonly midway: number;
  /** What is wrong afterwards; none if what was written is each message once. */
  readonly troubles: readonly string[];
}

/**
 * Kills `mailonce export --new` so many times, at times that are spread over its course, in each format in turn: each export
 * twice, and then it runs to its end. In Maildirs some messages are moved in the meantime, as mail programs do.
 */
export async function killExport(
  database: CrashDatabase,
  points: number,
  random: () => number,
): Promise<KilledExport> {
  await using server = await startPop3Server();
  server.maildrop.deliverAll(Array.from({ length: MESSAGES }, (_, n) => mail(n)));
  await fetchUntilDone(server, database.url);
  const wanted = await digests(database.url);
  const folder = temporaryFolder("mailonce-crash-export-");
  const troubles: string[] = [];
  let killed = 0;
  let midway = 0;
  for (let point = 0; point < points; point += 2) {
    const format = FORMATS[(point / 2) % FORMATS.length] ?? "eml";
    const path = join(folder.path, `${format}-${point}`);
    const began = performance.now();
    await startExport(database.url, format, `${path}-whole`).then(({ ended }) => ended);
    const whole = performance.now() - began;
    for (let time = 0; time < 2; time++) {
      const command = await startExport(database.url, format, path);
      await Promise.race([command.ended, pause(whole * random())]);
      command.kill("SIGKILL");
      if ((await command.ended) === null) killed++;
      const count = countIn(format, path);
      if (count > 0 && count < MESSAGES) midway++;
      if (format === "maildir") seeSome(path, random);
    }
    // The last run has nothing to do.
    for (let time = 0; time < 2; time++) {
      const command = await startExport(database.url, format, path);
      if ((await command.ended) !== 0) troubles.push(`${path} ends with ${command.output()}`);
      if (differs(wanted[format], written(format, path))) troubles.push(`${path} is not each message once`);
    }
  }
  await folder.remove();
  return { killed, midway, troubles };
}

/** A message with a text of its own, some of them longer than what is written at once. */
function mail(n: number): Uint8Array {
  const text = "The quick brown fox jumps over the lazy dog.\r\n".repeat(n % 100 === 0 ? 30_000 : n % 50);
  return Buffer.from(`From: ann${n}@example.org\r\nSubject: number ${n}\r\n\r\nFrom here\r\n${text}`);
}

const home = temporaryFolder("mailonce-crash-home-");

/** The export's name is its place. */
function startExport(url: string, format: Format, path: string): Promise<RunningProcess> {
  const parameters = [
    "--format",
    format,
    "--to",
    path,
    "--new",
    path,
    ...(format === "jsonl" ? ["--raw"] : []),
  ];
  return startProcess(process.execPath, [BIN, "export", "--database", url, ...parameters], {
    cwd: home.path,
    env: { HOME: home.path, TMPDIR: home.path },
  });
}

const digestOf = (octets: string | Uint8Array): string => createHash("sha256").update(octets).digest("hex");

/** The digests of all that is stored, as each format has it. */
async function digests(url: string): Promise<Readonly<Record<Format, readonly string[]>>> {
  const exact: string[] = [];
  const lines: string[] = [];
  await using store = await openDatabase(url, {});
  for await (const { id } of store.messages()) {
    const parts: Uint8Array[] = [];
    for await (const part of store.content(id)) parts.push(part);
    const octets = Buffer.concat(parts);
    exact.push(digestOf(octets));
    lines.push(digestOf(octets.toString("latin1").replaceAll("\r\n", "\n")));
  }
  return { eml: exact, maildir: lines, mbox: lines, jsonl: exact };
}

/** The digests of what was written. */
function written(format: Format, path: string): readonly string[] {
  switch (format) {
    case "eml":
      return filesIn(path).map((file) => digestOf(readFileSync(file)));
    case "maildir":
      return maildirFiles(path).map((file) => digestOf(readFileSync(file)));
    case "mbox":
      return readFileSync(path, "latin1")
        .split(/^From .*\n/m)
        .slice(1)
        .map((each) => digestOf(each.replace(/\n$/, "").replace(/^>(>*From )/gm, "$1")));
    case "jsonl":
      return readFileSync(path, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => digestOf(Buffer.from((JSON.parse(line) as { raw: string }).raw, "base64")));
  }
}

/** How many messages there are, also where one is cut off. */
function countIn(format: Format, path: string): number {
  try {
    if (format === "eml") return filesIn(path).length;
    if (format === "maildir") return maildirFiles(path).length;
    const pattern = format === "mbox" ? /^From /gm : /^\{"type":"message"/gm;
    return readFileSync(path, "latin1").match(pattern)?.length ?? 0;
  } catch (error) {
    // It was killed before there was anything.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

/** Without those that were not whole when it was killed. */
function filesIn(path: string): readonly string[] {
  return readdirSync(path)
    .filter((name) => !name.startsWith("."))
    .map((name) => join(path, name));
}

function maildirFiles(path: string): readonly string[] {
  return [...filesIn(join(path, "new")), ...filesIn(join(path, "cur"))];
}

/** Moves some messages as a mail program does that has shown them. */
function seeSome(path: string, random: () => number): void {
  if (countIn("maildir", path) === 0) return;
  for (const name of readdirSync(join(path, "new")))
    if (random() < 0.5) renameSync(join(path, "new", name), join(path, "cur", `${name}:2,S`));
}

function differs(wanted: readonly string[], found: readonly string[]): boolean {
  const sorted = (texts: readonly string[]): string => texts.toSorted((a, b) => (a < b ? -1 : 1)).join();
  return sorted(wanted) !== sorted(found);
}
