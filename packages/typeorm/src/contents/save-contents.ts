import { dateToken, WORDS_VERSION } from "@mailonce/core/words";
import type { Gateway, Statements } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import { lockRows } from "../database/lock-rows.ts";
import type { KeyedTokens } from "../database/word-index.ts";
import type { TableNames } from "../schema/table-names.ts";
import { distinctOctets, hexOf, octetsOf } from "../values/octets.ts";
import type { Value } from "../values/row.ts";
import { readDate, storedTime } from "../values/stored-date.ts";
import { octetsToUuid, uuidToOctets } from "../values/uuid-octets.ts";
import { fromTheBeginning, lockMark, writeMark } from "./content-mark.ts";
import { insertContents, type KeyedContent } from "./content-rows.ts";
import { presentOf, type State, sortedKeys } from "./content-state.ts";
import type { NewContent } from "./derived-content.ts";
import { untilDone } from "./until-done.ts";

/** The version of words of messages whose tokens nobody gave. */
const NO_WORDS = 0;
/** Messages whose rows are dropped in one transaction. */
const DROPPED = 500;

/** Writes the rows of messages that the token has claimed, all in one transaction: see {@link StoredContents.save}. */
export async function saveContents(
  gateway: Gateway,
  names: TableNames,
  token: string,
  contents: readonly NewContent[],
): Promise<readonly string[]> {
  // In the order of their keys, so that two who write at the same time do not deadlock; the last one of an id counts.
  const byId = new Map(contents.map((content) => [content.id.toLowerCase(), content]));
  const keyed = [...byId.values()]
    .map((content) => ({ key: uuidToOctets(content.id, "contents[…].id"), content }))
    .sort((one, other) => Buffer.compare(one.key, other.key));
  if (keyed.length === 0) return [];
  const saved = await untilDone(() =>
    gateway.transaction(async (statements) => {
      const claimed = await lockClaims(statements, names, token, keyed);
      const held = await withAttachments(statements, names, claimed);
      await removeRows(statements, names, await keysThere(statements, names, held));
      const now = storedTime(new Date(await presentOf(statements)));
      await insertContents(statements, names, held, now);
      await insertWords(statements, names, held);
      await markMade(statements, names, held, now);
      return held.map(({ key }) => octetsToUuid(key));
    }),
  );
  const settle = (): Promise<boolean> =>
    gateway.transaction((statements) => statements.dialect.words.settle(statements, names.messageWords));
  while (await untilDone(settle));
  return saved;
}

/**
 * Writes the index of words. The month is that of the message's row, by which dates
 * are compared, whatever the reader made of the header.
 */
async function insertWords(
  statements: Statements,
  { message, messageWords }: TableNames,
  keyed: readonly KeyedContent[],
): Promise<void> {
  const dates = new Map<string, unknown>();
  for (const { sql, values } of keyLists(keyed.map(({ key }) => key))) {
    const date = statements.dialect.date("date_header");
    const rows = await statements.rows(
      `SELECT id, ${date} FROM ${message} WHERE id IN ${sql} AND date_header IS NOT NULL`,
      values,
    );
    for (const row of rows) dates.set(octetsToUuid(octetsOf(row["id"])), row["date_header"]);
  }
  const known: KeyedTokens[] = [];
  const unknown: KeyedTokens[] = [];
  for (const { key, content } of keyed) {
    const date = readDate(dates.get(octetsToUuid(key)));
    const month = date === null ? null : dateToken(date);
    if (content.tokens === undefined) unknown.push({ key, tokens: [] });
    else known.push({ key, tokens: month === null ? content.tokens : [...content.tokens, month] });
  }
  const { words } = statements.dialect;
  await words.insert(statements, messageWords, WORDS_VERSION, known);
  await words.insert(statements, messageWords, NO_WORDS, unknown);
}

/** Those of the messages that are still claimed by the token; their claims are locked until the transaction ends. */
async function lockClaims(
  statements: Statements,
  { contentState }: TableNames,
  token: string,
  keyed: readonly KeyedContent[],
): Promise<readonly KeyedContent[]> {
  const held = new Set<string>();
  for (const { sql, values } of keyLists(keyed.map(({ key }) => key))) {
    const select = `SELECT message_id AS id FROM ${contentState} WHERE message_id IN ${sql} AND claim_token = ?`;
    await lockRows(statements, select, [...values, token]);
    const rows = await statements.rows(select, [...values, token]);
    for (const row of rows) held.add(octetsToUuid(octetsOf(row["id"])));
  }
  return keyed.filter(({ key }) => held.has(octetsToUuid(key)));
}

/**
 * Those of the messages whose attachments are kept, as they say; these stay until the transaction ends. The others, whose
 * attachments somebody has dropped meanwhile, are given back.
 */
async function withAttachments(
  statements: Statements,
  { attachment, contentState }: TableNames,
  keyed: readonly KeyedContent[],
): Promise<readonly KeyedContent[]> {
  const wanted = sortedKeys(distinctOctets(keyed.flatMap(({ content }) => content.attachments ?? [])));
  const kept = new Set<string>();
  for (const { sql, values } of keyLists(wanted)) {
    const select = `SELECT sha256 FROM ${attachment} WHERE sha256 IN ${sql}`;
    await lockRows(statements, select, values);
    for (const row of await statements.rows(select, values)) kept.add(hexOf(octetsOf(row["sha256"])));
  }
  const isWhole = ({ content }: KeyedContent): boolean =>
    content.attachments?.every((sha256) => kept.has(hexOf(sha256))) ?? true;
  const lacking = keyed.filter((one) => !isWhole(one));
  for (const { sql, values } of keyLists(lacking.map(({ key }) => key)))
    await statements.run(
      `UPDATE ${contentState} SET state = CASE WHEN attempts = 0 THEN 'released' ELSE 'tried' END,
         claim_token = NULL, claimed_until = NULL WHERE message_id IN ${sql}`,
      values,
    );
  return lacking.length === 0 ? keyed : keyed.filter(isWhole);
}

/** The keys of those that have rows already. */
async function keysThere(
  statements: Statements,
  { messageContent }: TableNames,
  keyed: readonly KeyedContent[],
): Promise<readonly Uint8Array[]> {
  const keys: Uint8Array[] = [];
  for (const { sql, values } of keyLists(keyed.map(({ key }) => key))) {
    const select = `SELECT message_id AS id FROM ${messageContent} WHERE message_id IN ${sql} ORDER BY message_id`;
    for (const row of await statements.rows(select, values)) keys.push(octetsOf(row["id"]));
  }
  return keys;
}

async function removeRows(
  statements: Statements,
  names: TableNames,
  keys: readonly Uint8Array[],
): Promise<void> {
  const { messageAddress, messagePart, messageReference, messageWords, messageAttachment } = names;
  const tables = [messageAddress, messagePart, messageReference, messageWords, messageAttachment];
  for (const { sql, values } of keyLists(keys))
    for (const table of [...tables, names.messageContent])
      await statements.run(`DELETE FROM ${table} WHERE message_id IN ${sql}`, values);
}

async function markMade(
  statements: Statements,
  { contentState }: TableNames,
  made: readonly KeyedContent[],
  now: string,
): Promise<void> {
  for (const parser of new Set(made.map(({ content }) => content.parser)))
    for (const state of ["made", "complete"] as const)
      for (const { sql, values } of keyLists(
        made
          .filter(({ content }) => content.parser === parser && stateOf(content) === state)
          .map(({ key }) => key),
      ))
        await statements.run(
          `UPDATE ${contentState} SET state = ?, parser = ?, changed_at = ?, attempts = 0, failure = NULL,
             claim_token = NULL, claimed_until = NULL WHERE message_id IN ${sql}`,
          [state, parser, now, ...values],
        );
}

function stateOf({ attachments }: NewContent): State {
  return attachments === undefined ? "made" : "complete";
}

/** Removes all derived rows: see {@link StoredContents.drop}. */
export async function dropContents(gateway: Gateway, names: TableNames): Promise<void> {
  const { contentState, messageContent } = names;
  // One pass in the order of the keys: what is made behind it stays, so it ends, however much others make meanwhile.
  for (const table of [contentState, messageContent]) {
    let after: Uint8Array = new Uint8Array(16);
    for (;;) {
      const keys = await nextKeys(gateway, table, after);
      const last = keys.at(-1);
      if (last === undefined) break;
      await untilDone(() =>
        gateway.transaction(async (statements) => {
          for (const { sql, values } of keyLists(keys))
            await statements.run(`DELETE FROM ${contentState} WHERE message_id IN ${sql}`, values);
          await removeRows(statements, names, keys);
        }),
      );
      after = last;
    }
  }
  // Only now, so that who claims meanwhile does not take what still has rows for done.
  await untilDone(() =>
    gateway.transaction(async (statements) => {
      const { now } = await lockMark(statements, names);
      await writeMark(statements, names, fromTheBeginning(now));
    }),
  );
}

async function nextKeys(gateway: Gateway, table: string, after: Value): Promise<readonly Uint8Array[]> {
  const rows = await gateway.read((statements) =>
    statements.rows(
      `SELECT message_id AS id FROM ${table} WHERE message_id > ? ORDER BY message_id LIMIT ${DROPPED}`,
      [after],
    ),
  );
  return rows.map((row) => octetsOf(row["id"]));
}
