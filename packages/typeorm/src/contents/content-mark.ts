import type { Statements } from "../database/gateway.ts";
import { lockRows } from "../database/lock-rows.ts";
import type { TableNames } from "../schema/table-names.ts";
import { compareOctets, octetsOf } from "../values/octets.ts";
import { readDate, storedTime } from "../values/stored-date.ts";
import { lowestUuidAt } from "../values/uuid-octets.ts";
import type { Candidate } from "./claim-statements.ts";
import { limitOf, presentOf } from "./content-state.ts";

/** Messages that are looked at in one statement: some 10 ms. */
const STRETCH = 10_000;
/** What is younger is looked at again and again: clocks differ, and commits take their time. */
const YOUNG_MS = 5 * 60_000;
/** After so long everything is looked at anew, by whoever claims: clocks may be wrong by more than that. */
const LOOK_AGAIN_MS = 6 * 3_600_000;
/** So many young messages that have become old are worth a write. */
const WORTH_NOTING = 200;

const LOWEST: Uint8Array = new Uint8Array(16);
const HIGHEST: Uint8Array = new Uint8Array(16).fill(0xff);

/**
 * How far messages were looked at, by their ids, which are in the order of storing: all up to `upTo` have a row in
 * `content_state`, save those between `gapFrom` and `gapTo` (both excluded).
 */
export interface ContentMark {
  readonly gapFrom: Uint8Array;
  readonly gapTo: Uint8Array;
  readonly upTo: Uint8Array;
  /** When the last look at everything began, in milliseconds by the database's clock. */
  readonly lookedAt: number;
}

/** The mark as it is, locked until the transaction ends, and what time it is then to the database. */
export interface LockedMark {
  readonly mark: ContentMark;
  readonly now: number;
}

/** Locks the mark; there is one from the first time on. @throws DuplicateKeyError if another has just made it */
export async function lockMark(statements: Statements, names: TableNames): Promise<LockedMark> {
  const { contentMark } = names;
  await lockRows(statements, `SELECT id FROM ${contentMark} WHERE id = 1`, []);
  const now = await presentOf(statements);
  const mark = await readMark(statements, names);
  if (mark !== null) return { mark, now };
  await statements.run(
    `INSERT INTO ${contentMark} (id, gap_from, gap_to, looked_up_to, looked_at) VALUES (1, ?, ?, ?, ?)`,
    [LOWEST, LOWEST, LOWEST, storedTime(new Date(now))],
  );
  return { mark: fromTheBeginning(now), now };
}

/** The mark as it is; null where nobody has looked at anything yet. */
export async function readMark(
  statements: Statements,
  { contentMark }: TableNames,
): Promise<ContentMark | null> {
  const [row] = await statements.rows(
    `SELECT gap_from, gap_to, looked_up_to, ${statements.dialect.date("looked_at")} FROM ${contentMark} WHERE id = 1`,
    [],
  );
  if (row === undefined) return null;
  return {
    gapFrom: octetsOf(row["gap_from"]),
    gapTo: octetsOf(row["gap_to"]),
    upTo: octetsOf(row["looked_up_to"]),
    lookedAt: readDate(row["looked_at"])?.getTime() ?? 0,
  };
}

/** The mark of who has looked at nothing yet. */
export function fromTheBeginning(now: number): ContentMark {
  return { gapFrom: LOWEST, gapTo: LOWEST, upTo: LOWEST, lookedAt: now };
}

/** Whether it is time to look at everything anew; also where the mark is ahead of the present, as a clock was wrong then. */
export function isStale({ upTo, lookedAt }: ContentMark, now: number): boolean {
  const isAhead = lookedAt > now || compareOctets(upTo, lowestUuidAt(new Date(now))) > 0;
  return isAhead || lookedAt + LOOK_AGAIN_MS <= now;
}

export function isSameMark(one: ContentMark, other: ContentMark): boolean {
  const areSame = (["gapFrom", "gapTo", "upTo"] as const).every(
    (place) => compareOctets(one[place], other[place]) === 0,
  );
  return areSame && one.lookedAt === other.lookedAt;
}

export async function writeMark(
  statements: Statements,
  { contentMark }: TableNames,
  { gapFrom, gapTo, upTo, lookedAt }: ContentMark,
): Promise<void> {
  await statements.run(
    `UPDATE ${contentMark} SET gap_from = ?, gap_to = ?, looked_up_to = ?, looked_at = ? WHERE id = 1`,
    [gapFrom, gapTo, upTo, storedTime(new Date(lookedAt))],
  );
}

/**
 * Begins a look at everything. Where there are as many rows as messages it is over at once: each row names a message, so
 * none is missing. Else the messages have to be gone over from the newest to the oldest.
 */
export async function lookAtAll(
  statements: Statements,
  { message, contentState }: TableNames,
  now: number,
): Promise<{ readonly mark: ContentMark; readonly isOver: boolean }> {
  const mark = fromTheBeginning(now);
  if (!statements.dialect.foreignKeysHold) return { mark, isOver: false };
  // The messages first: rows for them come from nobody else now, as the mark is locked.
  const [messages] = await statements.rows(`SELECT COUNT(*) AS number FROM ${message}`, []);
  const [states] = await statements.rows(`SELECT COUNT(*) AS number FROM ${contentState}`, []);
  const isOver = Number(messages?.["number"]) === Number(states?.["number"]);
  return { mark: isOver ? { ...mark, upTo: lowestUuidAt(new Date(now - YOUNG_MS)) } : mark, isOver };
}

/** What a look has found. */
interface Look {
  /** Messages without a row, those stored last first. */
  readonly found: readonly Candidate[];
  /** The mark, once these are claimed. */
  readonly mark: ContentMark;
  /** Whether the mark is worth being written if nothing else is. */
  readonly isWorthNoting: boolean;
  /** True: there are no others. */
  readonly isOver: boolean;
}

/**
 * Looks for messages without a row in `content_state`: first what was stored since the last look, then down the gap. Each
 * message is passed once, save the young ones, however often this is called.
 */
export async function lookForNew(
  statements: Statements,
  names: TableNames,
  { mark, now }: LockedMark,
  limit: number,
): Promise<Look> {
  const old = lowestUuidAt(new Date(now - YOUNG_MS));
  const recent = await lookAtRecent(statements, names, mark.upTo, old, limit);
  const { found, stoppedAt } = recent;
  const hasGap = compareOctets(mark.gapFrom, mark.gapTo) < 0;
  if (stoppedAt !== null) {
    // Where the young ones end the mark can move, and what is not looked at yet becomes a part of the gap.
    const moved = { gapFrom: hasGap ? mark.gapFrom : mark.upTo, gapTo: stoppedAt, upTo: old };
    const isOld = compareOctets(stoppedAt, old) <= 0;
    return { found, mark: isOld ? { ...mark, ...moved } : mark, isWorthNoting: isOld, isOver: false };
  }
  const upTo = compareOctets(mark.upTo, old) < 0 ? old : mark.upTo;
  const isWorthNoting = recent.passed >= WORTH_NOTING;
  if (!hasGap) return { found, mark: { ...mark, upTo }, isWorthNoting, isOver: true };
  const older = await lookAtStretch(
    statements,
    names,
    { above: mark.gapFrom, below: mark.gapTo },
    limit - found.length,
  );
  const gap = older.stoppedAt === null ? { gapFrom: LOWEST, gapTo: LOWEST } : { gapTo: older.stoppedAt };
  return {
    found: [...found, ...older.found],
    mark: { ...mark, upTo, ...gap },
    isWorthNoting: true,
    isOver: older.stoppedAt === null,
  };
}

/** The newest messages. Where nothing is to be found it stops at old ones only: from there the mark goes on. */
async function lookAtRecent(
  statements: Statements,
  names: TableNames,
  above: Uint8Array,
  old: Uint8Array,
  limit: number,
): Promise<Passed> {
  let below = HIGHEST;
  for (let passed = 0; ; ) {
    const look = await lookAtStretch(statements, names, { above, below }, limit);
    passed += look.passed;
    const goesOn =
      look.found.length === 0 && look.stoppedAt !== null && compareOctets(look.stoppedAt, old) > 0;
    if (!goesOn) return { ...look, passed };
    below = look.stoppedAt ?? below;
  }
}

/** What a look at a range has come to. */
interface Passed {
  readonly found: readonly Candidate[];
  /** How many messages it went over. */
  readonly passed: number;
  /** The last message that it went over; null: it went over all. */
  readonly stoppedAt: Uint8Array | null;
}

/** Goes over the messages between two ids, the newest first, until it has found enough, or has seen many. */
async function lookAtStretch(
  statements: Statements,
  { message, contentState }: TableNames,
  { above, below }: { readonly above: Uint8Array; readonly below: Uint8Array },
  limit: number,
): Promise<Passed> {
  const [stretch] = await statements.rows(
    `SELECT COUNT(*) AS number, MIN(id) AS lowest
     FROM (SELECT id FROM ${message} WHERE id > ? AND id < ? ORDER BY id DESC LIMIT ${STRETCH}) AS stretch`,
    [above, below],
  );
  const passed = Number(stretch?.["number"] ?? 0);
  if (passed === 0) return { found: [], passed, stoppedAt: null };
  const lowest = octetsOf(stretch?.["lowest"]);
  if (passed === STRETCH && statements.dialect.foreignKeysHold) {
    // As many rows as messages: none is missing. To count them takes a third of the time of a join.
    const [there] = await statements.rows(
      `SELECT COUNT(*) AS number FROM ${contentState} WHERE message_id >= ? AND message_id < ?`,
      [lowest, below],
    );
    if (Number(there?.["number"]) === passed) return { found: [], passed, stoppedAt: lowest };
  }
  const rows = await statements.rows(
    `SELECT m.id AS id, m.octets AS octets FROM ${message} m LEFT JOIN ${contentState} s ON s.message_id = m.id
     WHERE m.id >= ? AND m.id < ? AND s.message_id IS NULL ORDER BY m.id DESC LIMIT ${limitOf(limit)}`,
    [lowest, below],
  );
  const found = rows
    .slice(0, limit)
    .map((row) => ({ key: octetsOf(row["id"]), octets: Number(row["octets"]) }));
  const last = found[limit - 1];
  if (last !== undefined) return { found, passed, stoppedAt: last.key };
  return { found, passed, stoppedAt: passed < STRETCH ? null : lowest };
}
