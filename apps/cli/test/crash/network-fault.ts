import { createHash } from "node:crypto";
import type { LedgerEntry, MessageStore } from "@mailonce/core";
import { InMemorySpool, InMemoryStore } from "@mailonce/core/memory";
import { type AccountReport, fetchAccount, openDatabase } from "@mailonce/runtime";
import { accountOf, parseAccountUrl } from "@mailonce/runtime/config";
import {
  type Fault,
  type FaultPoint,
  type MaildropBehaviour,
  type Pop3Server,
  simpleMail,
  specialMail,
  startPop3Server,
} from "@mailonce/testkit";
import { MAILDROP } from "./command.ts";
import { sqliteFile } from "./crash-database.ts";
import { seeded } from "./seeded.ts";
import { asSent } from "./stored-check.ts";

/** One history of a maildrop behind a bad network. */
export interface NetworkTrial {
  readonly what: string;
  /** What happened to the stream, for the table of results. */
  readonly kind: string;
  readonly verb: string;
  /** Whether the fault happened. */
  readonly struck: boolean;
  readonly duplicates: number;
  readonly losses: number;
  readonly troubles: readonly string[];
}

/** So long the client waits where faults happen, in ms; too short for a busy machine is one more broken session. */
const LIMIT_MS = 300;
/** So long where nothing but trickling may happen. */
const PATIENCE_MS = 30_000;
/** What a run may take beyond its time limits: it also works, and a trickling server takes its time. */
const WORK_MS = 60_000;

/**
 * One seeded trial: a few messages, perhaps some of them known, one or more sessions with a fault, then clean runs. In
 * the end every message must be stored once, octet by octet. An octet that is garbled within a message's content no
 * client can notice, so content stays as it is: garbled are status lines, listings, headers by TOP and terminators.
 */
export async function networkTrial(seed: number, kind: "memory" | "sqlite"): Promise<NetworkTrial> {
  const random = seeded(seed * 7919 + 17);
  const below = (end: number): number => Math.floor(random() * end);
  const pick = <const Value>(values: readonly [Value, ...Value[]]): Value =>
    values[below(values.length)] ?? values[0];

  const behaviour: MaildropBehaviour = {
    ...(random() < 0.25 ? { pipelining: "unannounced" as const } : {}),
    ...(random() < 0.2 ? { hidesRetrieved: true } : {}),
  };
  const trickles = random() < 0.2;
  const mail = mixedMail();
  await using server = await startPop3Server({
    maildrop: behaviour,
    ...(trickles ? { trickle: () => 1 + below(30) } : {}),
  });
  await using world = kind === "memory" ? memoryWorld() : await sqliteWorld();
  const { store } = world;
  const known = random() < 0.4 ? 1 + below(4) : 0;
  server.maildrop.deliverAll(mail.slice(0, known));
  if (known > 0) await fetch(server, store, PATIENCE_MS);
  server.maildrop.deliverAll(mail.slice(known));

  const listed = server.maildrop.messages.filter(({ hidden }) => !hidden).map(({ bytes }) => bytes);
  const {
    fault,
    kind: faultKind,
    verb,
  } = randomFault(listed, listed.length - mail.length + known, { below, pick, random });
  const times = pick([1, 1, 2, 99]);
  const first = server.sessions.length;
  const troubles: string[] = [];
  server.faults = [{ ...fault, at: { ...fault.at, times } }];
  const start = performance.now();
  const report = await fetch(server, store, LIMIT_MS);
  const elapsed = performance.now() - start;
  const sessions = server.sessions.length - first;
  const limit = sessions * 2 * LIMIT_MS + WORK_MS;
  if (elapsed > limit) troubles.push(`it took ${elapsed.toFixed(0)} ms for ${sessions} sessions`);
  if (report.ending === "internal")
    troubles.push(`it met an error that it does not know: ${report.error?.message}`);
  server.faults = [];

  const reports = [report];
  for (let turn = 0; turn < 5; turn++) {
    await makeDue(store);
    reports.push(await fetch(server, store, PATIENCE_MS));
    if (reports.at(-1)?.ending === "done") break;
  }
  if (reports.at(-1)?.ending !== "done")
    troubles.push(`clean runs end with ${JSON.stringify(reports.at(-1))}`);

  const { duplicates, losses, strangers } = compare(await digests(store), mail);
  if (duplicates + losses + strangers > 0)
    troubles.push(`${duplicates} duplicates, ${losses} losses, ${strangers} that were never sent`);
  const circumstances = `${kind}${trickles ? ", trickled" : ""}, ${known} known, ${JSON.stringify(behaviour)}`;
  const what = `seed ${seed}, ${circumstances}, ${times} times ${JSON.stringify(fault)}`;
  if (behaviour.hidesRetrieved !== true) troubles.push(...tooOften(server, goesOn(fault)));
  if (server.count("DELE") > 0) troubles.push("it sent DELE");
  return {
    what,
    kind: faultKind,
    verb,
    struck: server.faultsMet > 0,
    duplicates,
    losses,
    troubles,
  };
}

interface Chance {
  readonly random: () => number;
  readonly below: (end: number) => number;
  readonly pick: <const Value>(values: readonly [Value, ...Value[]]) => Value;
}

interface NamedFault {
  readonly fault: Fault;
  readonly kind: string;
  readonly verb: string;
}

const FAULTS = ["close", "reset", "stall", "truncate", "insert", "overwrite"] as const;
const VERBS = [
  ...(["GREETING", "CAPA", "UTF8", "USER", "PASS", "STAT", "UIDL", "LIST", "TOP", "QUIT"] as const),
  // Most of a session is this.
  ...(["RETR", "RETR", "RETR", "UIDL", "LIST"] as const),
] as const;

/** `listed` are the messages that the next session sees, `known` of them stored already. */
function randomFault(listed: readonly Uint8Array[], known: number, chance: Chance): NamedFault {
  const { below, pick } = chance;
  const verb = pick(VERBS);
  const nth =
    verb === "RETR" ? 1 + below(Math.max(1, listed.length - known)) : verb === "CAPA" ? 1 + below(2) : 1;
  const kind = pick(FAULTS);
  if (kind === "close" || kind === "reset" || kind === "stall") {
    const afterOctets = pick([0, 1, below(8), below(40), below(400), below(3000), 1e9]);
    return { fault: { at: { verb, nth, afterOctets }, do: kind }, kind, verb };
  }
  const at = garblingPoint(listed, verb, nth, known, chance);
  if (kind === "truncate") return { fault: { at, do: kind }, kind, verb };
  const garbage = Array.from({ length: 1 + below(kind === "insert" ? 6 : 2) }, () => pick(NASTY)).join("");
  // A line end within RETR's status line makes the rest of that line a part of the content.
  const harmless = verb === "RETR" ? garbage.replaceAll("\n", "?") : garbage;
  const octets = verb === "RETR" && kind === "overwrite" ? harmless.slice(0, 1) : harmless;
  return { fault: { at, do: kind, octets }, kind: "garble", verb };
}

const NASTY = [
  "\r",
  "\n",
  "\r\n",
  ".",
  "+",
  "-",
  " ",
  "\0",
  "\xff",
  "7",
  "0",
  "a",
  "+OK\r\n",
  ".\r\n",
] as const;

/** Anywhere in a reply, but for a message's content: there only in the status line or the terminator. */
function garblingPoint(
  listed: readonly Uint8Array[],
  verb: string,
  nth: number,
  known: number,
  { below, random }: Chance,
): FaultPoint {
  if (verb !== "RETR")
    return { verb, nth, afterOctets: below(verb === "UIDL" || verb === "LIST" ? 220 : 30) };
  const messageNumber = known + nth;
  const bytes = listed[messageNumber - 1] ?? new Uint8Array(0);
  const status = `+OK ${bytes.length} octets\r\n`.length;
  // Its line end stays: without it the message's first line is one with the status line.
  if (random() < 0.5) return { verb, messageNumber, afterOctets: below(status - 3) };
  const stuffed = Buffer.from(asSent(bytes))
    .toString("latin1")
    .replaceAll(/(^|\r\n)\./g, "$1..").length;
  // The three octets of the terminator: what stands before them is the message's.
  return { verb, messageNumber, afterOctets: status + stuffed + below(3) };
}

/** True if the session may go on after the fault as if nothing had happened. */
function goesOn(fault: Fault): boolean {
  return fault.do === "insert" || fault.do === "overwrite" || fault.do === "truncate";
}

/** Messages that were asked for more often than once, and once more for each session that broke or was garbled. */
function tooOften(server: Pop3Server, garbled: boolean): readonly string[] {
  const asked = new Map<string, number>();
  let broken = 0;
  for (const { commands, ended } of server.sessions) {
    if (ended !== "quit" || garbled) broken++;
    for (const line of commands) if (line.startsWith("RETR ")) asked.set(line, (asked.get(line) ?? 0) + 1);
  }
  return [...asked]
    .filter(([, count]) => count > 1 + broken)
    .map(([line, count]) => `${line} was sent ${count} times, with ${broken} broken sessions`);
}

async function fetch(server: Pop3Server, store: MessageStore, limitMs: number): Promise<AccountReport> {
  const account = accountOf(parseAccountUrl(`pop3://alice@127.0.0.1:${server.port}?tls=none`), MAILDROP);
  const run = fetchAccount({
    account,
    credentials: { user: account.user, password: server.password },
    store,
    spool: new InMemorySpool(),
    timeouts: { connectMs: PATIENCE_MS, replyMs: limitMs, idleMs: limitMs },
    restart: { restarts: 3, pause: async () => {} },
  });
  for await (const _ of run);
  return run.report;
}

/** As if the time of every deferred message had come. */
async function makeDue(store: MessageStore): Promise<void> {
  const maildrop = await store.findMaildrop(MAILDROP);
  if (maildrop === null) return;
  const rows: LedgerEntry[] = [];
  for await (const block of store.deferredEntries(maildrop.id)) rows.push(...block);
  if (rows.length === 0) return;
  const due = new Date("2020-01-01T00:00:00Z");
  await store.transact(maildrop.id, { generation: maildrop.generation, leaseToken: null }, (tx) =>
    tx.updateEntries(rows.map((row) => ({ ...row, due }))),
  );
}

async function digests(store: MessageStore): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { id } of store.messages()) {
    const hash = createHash("sha256");
    for await (const chunk of store.content(id)) hash.update(chunk);
    found.push(hash.digest("hex"));
  }
  return found;
}

/** The maildrop holds no two equal messages. */
function compare(
  found: readonly string[],
  mail: readonly Uint8Array[],
): { readonly duplicates: number; readonly losses: number; readonly strangers: number } {
  const expected = new Set(mail.map((bytes) => createHash("sha256").update(asSent(bytes)).digest("hex")));
  const distinct = new Set(found);
  return {
    duplicates: found.length - distinct.size,
    losses: [...expected].filter((digest) => !distinct.has(digest)).length,
    strangers: [...distinct].filter((digest) => !expected.has(digest)).length,
  };
}

interface World extends AsyncDisposable {
  readonly store: MessageStore;
}

function memoryWorld(): World {
  return { store: new InMemoryStore(), [Symbol.asyncDispose]: async () => {} };
}

async function sqliteWorld(): Promise<World> {
  const database = sqliteFile();
  const store = await openDatabase(database.url, {});
  return {
    store,
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** No two alike: of equal messages whose unique-ids were garbled, only one can be told. */
function mixedMail(): readonly Uint8Array[] {
  const names = [
    ...["8-bit body", "dots at line starts", "first body line is a dot", "no final line end"],
    ...["bare LF inside", "weak header", "weak header, another body", "volatile fields"],
  ];
  const notes = Array.from({ length: 4 }, (_, index) =>
    simpleMail({
      from: "Bob Baker <bob@example.com>",
      to: "alice@example.org",
      subject: `note ${index}`,
      date: new Date("2026-05-01T12:34:56Z"),
      body: `This is ${index}.\n`.repeat(1 + index * 20),
    }),
  );
  return [...names.map((name) => specialMail[name]?.() ?? new Uint8Array(0)), ...notes];
}
