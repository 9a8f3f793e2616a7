import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { openDatabase } from "@mailonce/runtime";
import { startPop3Server, startProcess, temporaryFolder } from "@mailonce/testkit";
import { BIN } from "../mailonce.ts";
import { fetchUntilDone } from "./command.ts";
import type { CrashDatabase } from "./crash-database.ts";

/** How many messages there are to index. */
const MESSAGES = 300;

/** What many kills of `mailonce index` came to. */
export interface KilledIndex {
  /** How many were killed before they ended. */
  readonly killed: number;
  /** What is wrong afterwards; none if every message has its rows once and the mail is as it was. */
  readonly troubles: readonly string[];
}

/** Kills `mailonce index` at so many points, at times that are spread over its course, and then runs it to its end. */
export async function killIndex(
  database: CrashDatabase,
  points: number,
  random: () => number,
): Promise<KilledIndex> {
  await using server = await startPop3Server();
  server.maildrop.deliverAll(Array.from({ length: MESSAGES }, (_, n) => mail(n)));
  await fetchUntilDone(server, database.url);
  const before = await sacredRows(database.url);
  const whole = await course(database.url);
  let killed = 0;
  for (let point = 0; point < points; point++) {
    const command = await startIndex(database.url, ["--rebuild"]);
    await Promise.race([command.ended, pause(random() * whole)]);
    command.kill("SIGKILL");
    if ((await command.ended) === null) killed++;
  }
  return { killed, troubles: await troublesAfter(database.url, before) };
}

async function troublesAfter(url: string, before: string): Promise<readonly string[]> {
  // A message that three kills have struck is given up; to index all anew tries it again.
  let wrong = await indexAndCount(url, []);
  if (wrong.length > 0) wrong = await indexAndCount(url, ["--rebuild"]);
  const isTouched = (await sacredRows(url)) !== before;
  return [...wrong, ...(isTouched ? ["messages, chunks or the ledger are not as before"] : [])];
}

/** Runs it to its end. @returns what is not as it should be */
async function indexAndCount(url: string, options: readonly string[]): Promise<readonly string[]> {
  const troubles: string[] = [];
  const command = await startIndex(url, options);
  const exitCode = await command.ended;
  if (exitCode !== 0) troubles.push(`index ends with ${exitCode}: ${command.output()}`);
  await using store = await openDatabase(url, {});
  const expected = { message_content: MESSAGES, message_part: 2 * MESSAGES, message_address: 2 * MESSAGES };
  for (const [table, wanted] of Object.entries(expected)) {
    const [row] = await rowsOf(store, `SELECT COUNT(*) AS found FROM mailonce_${table}`);
    if (Number(row?.["found"]) !== wanted)
      troubles.push(`${table} has ${row?.["found"]} rows, not ${wanted}`);
  }
  return troubles;
}

/** A message with a text, an attachment and two addresses. */
function mail(n: number): Uint8Array {
  const lines = [
    `From: Ann ${n} <ann${n}@example.org>\r\nTo: ben@example.org\r\nSubject: number ${n}`,
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\n',
    `${"The quick brown fox jumps over the lazy dog. ".repeat(n % 50)}\r\n--b`,
    'Content-Type: application/pdf; name="bill.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\nUERG\r\n--b--\r\n',
  ];
  return Buffer.from(lines.join("\r\n"));
}

const home = temporaryFolder("mailonce-crash-home-");

function startIndex(url: string, options: readonly string[]) {
  return startProcess(process.execPath, [BIN, "index", "--database", url, ...options], {
    cwd: home.path,
    env: { HOME: home.path, TMPDIR: home.path },
  });
}

/** How long the command takes that nobody kills, in ms. */
async function course(url: string): Promise<number> {
  const began = performance.now();
  await (await startIndex(url, ["--rebuild"])).ended;
  return performance.now() - began;
}

/** A digest of all that indexing must not touch. */
async function sacredRows(url: string): Promise<string> {
  await using store = await openDatabase(url, {});
  const hash = createHash("sha256");
  for (const [table, order] of [
    ["message", "id"],
    ["message_chunk", "message_id, seq"],
    ["ledger_entry", "maildrop_id, identity"],
  ])
    for (const row of await rowsOf(store, `SELECT * FROM mailonce_${table} ORDER BY ${order}`))
      hash.update(JSON.stringify(Object.values(row).map(plain)));
  return hash.digest("hex");
}

function rowsOf(
  { dataSource }: Awaited<ReturnType<typeof openDatabase>>,
  sql: string,
): Promise<readonly Record<string, unknown>[]> {
  return dataSource.query(sql);
}

function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}
