import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { openDatabase } from "@mailonce/runtime";
import { FACTS_VERSION } from "@mailonce/runtime/content";
import { type RunningProcess, startPop3Server } from "@mailonce/testkit";
import { fetchUntilDone, startIndex, statementLog } from "./command.ts";
import { uniqueName } from "./crash-database.ts";
import { type DatabaseSource, Victim } from "./crash-run.ts";
import { MysqlProxy } from "./mysql-proxy.ts";
import type { Moment } from "./statements.ts";

/** How many messages there are to index: more than a process claims at once. */
const MESSAGES = 120;
/** At every third point so many processes share the work, and one of them is killed. */
const AT_ONCE = 3;

const ON_SQLITE: readonly Moment[] = ["before", "during", "after"];
const ON_SERVER: readonly Moment[] = ["before", "during", "after", "answered"];

type Opened = Awaited<ReturnType<typeof openDatabase>>;

/** What is to be tried. */
export interface KilledIndexOptions {
  readonly source: DatabaseSource;
  readonly points: number;
  readonly random: () => number;
  /** Databases in which it is tried at the same time. */
  readonly parallel: number;
}

/** What many kills of `mailonce index` came to. */
export interface KilledIndex {
  /** How many were killed before they ended. */
  readonly killed: number;
  /** How many statements a run has that nobody kills. */
  readonly statements: number;
  /** What is wrong afterwards; none if every message has its rows once and the mail is as it was. */
  readonly troubles: readonly string[];
}

/** A process that indexes all anew, and dies at one of its statements. */
interface Strike {
  readonly number: number;
  readonly moment: Moment;
  readonly delayMs: number;
  /** How many others index at the same time. */
  readonly others: number;
}

/**
 * Kills `mailonce index` at so many of its statements, from the first to the last one, runs it again after each, and looks at
 * what there is then.
 */
export async function killIndex(options: KilledIndexOptions): Promise<KilledIndex> {
  const { points, parallel, random, source } = options;
  const moments = source.port === null ? ON_SQLITE : ON_SERVER;
  const troubles: string[] = [];
  let killed = 0;
  let statements = 0;
  let next = 0;
  const work = async (): Promise<void> => {
    await using database = await source.create();
    await using server = await startPop3Server();
    server.maildrop.deliverAll(Array.from({ length: MESSAGES }, (_, n) => mail(n)));
    await fetchUntilDone(server, database.url);
    const before = await sacredRows(database.url);
    const whole = await statementsOf(source, database.url);
    statements = Math.max(statements, whole);
    for (let point = next++; point < points; point = next++) {
      // Half of the time nothing is there yet, so that attachments are written, too.
      if (Math.floor(point / 2) % 2 === 0) await dropContents(database.url);
      const strike = {
        number: 1 + Math.floor(((point + random()) / points) * whole),
        moment: moments[point % moments.length] ?? "before",
        delayMs: random() ** 2 * 4,
        others: point % 3 === 2 ? AT_ONCE - 1 : 0,
      };
      if (await kill(source, database.url, strike)) killed++;
      const wrong = await troublesIn(database.url, before);
      troubles.push(...wrong.map((trouble) => `${JSON.stringify(strike)}: ${trouble}`));
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return { killed, statements, troubles };
}

/** @returns whether it was killed before it ended */
async function kill(source: DatabaseSource, url: string, strike: Strike): Promise<boolean> {
  const others = Array.from({ length: strike.others }, () => startIndex(url, []));
  const isKilled = await killOne(source, url, strike);
  await expireClaims(url);
  for (const other of others) await (await other).ended;
  return isKilled;
}

async function killOne(
  source: DatabaseSource,
  url: string,
  { number, moment, delayMs }: Strike,
): Promise<boolean> {
  if (source.port === null) {
    if (moment === "answered") throw new Error("SQLite has no answers on their way");
    const child = await startIndex(url, ["--rebuild"], { number, moment, delayMs });
    return (await child.ended) === null;
  }
  await using proxy = await MysqlProxy.start(source.port);
  const victim = new Victim();
  proxy.strike = {
    at: (statement) => statement.number === number,
    moment,
    strike: () => void victim.kill(0),
  };
  const child: RunningProcess = await startIndex(proxy.urlOf(url), ["--rebuild"]);
  victim.is(child);
  return (await child.ended) === null;
}

/** How many statements the command carries out that nobody kills. */
async function statementsOf(source: DatabaseSource, url: string): Promise<number> {
  if (source.port === null) {
    const log = statementLog(uniqueName());
    await (await startIndex(url, ["--rebuild"], { log })).ended;
    return existsSync(log) ? readFileSync(log, "utf8").trimEnd().split("\n").length : 0;
  }
  await using proxy = await MysqlProxy.start(source.port);
  await (await startIndex(proxy.urlOf(url), ["--rebuild"])).ended;
  return proxy.statements.length;
}

async function dropContents(url: string): Promise<void> {
  await using store = await openDatabase(url, {});
  await store.contents.drop();
}

/** As if the time had passed for which others leave alone what the dead one has claimed. */
async function expireClaims(url: string): Promise<void> {
  await using store = await openDatabase(url, {});
  // Other processes may write at the moment. The store waits for them by itself; a statement of one's own has to be told.
  if (url.startsWith("sqlite:")) await store.dataSource.query("PRAGMA busy_timeout = 30000");
  await store.dataSource.query(
    "UPDATE mailonce_content_state SET claimed_until = '2020-01-01 00:00:00.000' WHERE state = 'claimed'",
  );
}

/** Indexes what is left. @returns what is not as it should be then */
async function troublesIn(url: string, before: string): Promise<readonly string[]> {
  const troubles: string[] = [];
  const command = await startIndex(url, []);
  const exitCode = await command.ended;
  if (exitCode !== 0) troubles.push(`index ends with ${exitCode}: ${command.output()}`);
  if ((await sacredRows(url)) !== before) troubles.push("messages, chunks or the ledger are not as before");
  await using store = await openDatabase(url, {});
  const expected = {
    message_content: MESSAGES,
    message_part: 3 * MESSAGES,
    message_attachment: 2 * MESSAGES,
    // One is in all messages.
    attachment: MESSAGES + 1,
    message_address: 2 * MESSAGES,
    message_words: MESSAGES,
    content_state: MESSAGES,
  };
  for (const [table, wanted] of Object.entries(expected)) {
    const [row] = await rowsOf(store, `SELECT COUNT(*) AS found FROM mailonce_${table}`);
    if (Number(row?.["found"]) !== wanted)
      troubles.push(`${table} has ${row?.["found"]} rows, not ${wanted}`);
  }
  const { made } = await store.contents.status(FACTS_VERSION, true);
  if (made !== MESSAGES) troubles.push(`${made} messages are said to be made`);
  for (const row of await rowsOf(store, "SELECT sha256 FROM mailonce_attachment")) {
    const hash = createHash("sha256");
    const sha256 = row["sha256"] as Uint8Array;
    for await (const octets of store.contents.attachmentContent(sha256)) hash.update(octets);
    if (!hash.digest().equals(sha256)) troubles.push(`attachment ${plain(sha256)} is not whole`);
  }
  const found = await searchAll(store, "everywhere");
  if (found.length !== MESSAGES || new Set(found).size !== MESSAGES)
    troubles.push(`${found.length} messages are found by a word of all of them`);
  return troubles;
}

async function searchAll(store: Opened, query: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await store.search({ query, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.messages.map(({ message }) => message.id));
    cursor = page.next;
  }
  return ids;
}

/** A message with a text, an attachment that all have, one of its own, and two addresses. */
function mail(n: number): Uint8Array {
  const lines = [
    `From: Ann ${n} <ann${n}@example.org>\r\nTo: ben@example.org\r\nSubject: number ${n}`,
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nEverywhere.',
    `${"The quick brown fox jumps over the lazy dog. ".repeat(n % 50)}\r\n--b`,
    'Content-Type: application/pdf; name="bill.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\nUERG\r\n--b',
    `Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n${picture(n)}\r\n--b--\r\n`,
  ];
  return Buffer.from(lines.join("\r\n"));
}

/** Some are so large that they take several rows. */
function picture(n: number): string {
  return Buffer.alloc(n % 20 === 0 ? 600_000 : 2000, `picture ${n} `).toString("base64");
}

/** A digest of all that indexing must not touch. */
async function sacredRows(url: string): Promise<string> {
  await using store = await openDatabase(url, {});
  const hash = createHash("sha256");
  for (const [table, order] of [
    ["maildrop", "id"],
    ["message", "id"],
    ["message_chunk", "message_id, seq"],
    ["ledger_entry", "maildrop_id, identity"],
  ])
    for (const row of await rowsOf(store, `SELECT * FROM mailonce_${table} ORDER BY ${order}`))
      hash.update(JSON.stringify(Object.values(row).map(plain)));
  return hash.digest("hex");
}

function rowsOf({ dataSource }: Opened, sql: string): Promise<readonly Record<string, unknown>[]> {
  return dataSource.query(sql);
}

function plain(value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
}
