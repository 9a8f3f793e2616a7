import { setImmediate as turn } from "node:timers/promises";
import { KnownBlock } from "@mailonce/core";
import { expectMaildropId } from "../arguments/expect-arguments.ts";
import { selectedDate } from "../database/dialect.ts";
import type { Gateway, Statements } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { numberOrNull, octetsOf, octetsOrNull } from "../values/octets.ts";
import { readDate } from "../values/stored-date.ts";
import { disposition } from "./ledger-rows.ts";

/** Entries in a block. */
const BLOCK = 10_000;

/** A block, and the highest identity in it. */
interface Page {
  readonly block: KnownBlock;
  readonly last: Uint8Array;
}

/**
 * All entries of a maildrop. Paged by key rather than streamed, so that neither a connection of the pool nor SQLite's
 * one connection is held while the caller thinks. A server reads the next page meanwhile.
 */
export async function* knownEntries(
  gateway: Gateway,
  names: TableNames,
  maildropId: number,
): AsyncGenerator<KnownBlock> {
  expectMaildropId(maildropId);
  const read = gateway.dialect === "sqlite" ? packedPage : plainPage;
  const pageAfter = (after: Uint8Array): Promise<Page> => {
    const page = gateway.read((statements) => read(statements, names, maildropId, after));
    // Whoever awaits it gets the error; until then it must not count as unhandled.
    page.catch(() => {});
    return page;
  };
  let next: Promise<Page> | null = pageAfter(new Uint8Array(0));
  try {
    while (next !== null) {
      const { block, last }: Page = await next;
      next = block.length < BLOCK ? null : pageAfter(last);
      // The question leaves before the caller goes to work on the block.
      if (next !== null) await turn();
      if (block.length > 0) yield block;
    }
  } finally {
    await next?.catch(() => {});
  }
}

async function plainPage(
  statements: Statements,
  names: TableNames,
  maildropId: number,
  after: Uint8Array,
): Promise<Page> {
  const rows = await statements.rows(
    `SELECT identity, disposition, message_id, octets, criteria_digest, bound, attempts,
       ${selectedDate(statements.dialect, "due_at")}
     FROM ${names.ledgerEntry} WHERE maildrop_id = ? AND identity > ? ORDER BY identity LIMIT ${BLOCK}`,
    [maildropId, after],
  );
  const block = new KnownBlock(rows.length);
  for (const row of rows)
    block.add({
      // The block copies: whether these are Buffers does not matter.
      identity: row["identity"] as Uint8Array,
      disposition: disposition(row["disposition"]),
      messageKey: row["message_id"] as Uint8Array | null,
      octets: numberOrNull(row["octets"]),
      criteriaDigest: octetsOrNull(row["criteria_digest"]),
      bound: Boolean(row["bound"]),
      attempts: Number(row["attempts"]),
      due: readDate(row["due_at"]),
    });
  return { block, last: block.length === 0 ? after : block.identity(block.length - 1) };
}

/** 1 for the entries of which nothing is to be said but these columns; hardly any are others. */
const PLAIN = `CASE WHEN disposition = 'stored' AND attempts = 0 AND due_at IS NULL AND criteria_digest IS NULL
  AND message_id IS NOT NULL AND octets < 4503599627370496 THEN 1 ELSE 0 END`;
const COLUMNS = "identity, disposition, message_id, octets, criteria_digest, bound, attempts, due_at";
const LONGEST_IDENTITY = 255;
const OCTETS_OF_UUID = 16;
const COMMA = 0x2c;

/** An entry of another kind: binary columns in hexadecimal, empty for null. */
type OtherEntry = readonly [
  identity: string,
  disposition: string,
  messageId: string,
  octets: number | null,
  criteriaDigest: string,
  bound: number,
  attempts: number,
  due: string | null,
];

/**
 * A whole page in one row, column by column: SQLite's bindings take about 4 microseconds for every row with its blobs, a
 * tenth of that for the same as text, all rows in one.
 */
async function packedPage(
  statements: Statements,
  names: TableNames,
  maildropId: number,
  after: Uint8Array,
): Promise<Page> {
  const [row] = await statements.rows(
    `SELECT COUNT(*) AS length, MAX(identity) AS last,
       group_concat(hex(identity)) FILTER (WHERE plain) AS identities,
       group_concat(hex(message_id), '') FILTER (WHERE plain) AS message_keys,
       group_concat(2 * octets + bound) FILTER (WHERE plain) AS numbers,
       json_group_array(json_array(hex(identity), disposition, hex(message_id), octets, hex(criteria_digest), bound,
         attempts, due_at)) FILTER (WHERE NOT plain) AS others
     FROM (SELECT ${COLUMNS}, ${PLAIN} AS plain FROM ${names.ledgerEntry}
           WHERE maildrop_id = ? AND identity > ? ORDER BY identity LIMIT ${BLOCK})`,
    [maildropId, after],
  );
  const block = new KnownBlock(Number(row?.["length"]));
  const text = (column: string, encoding: "latin1" | "hex"): Buffer =>
    Buffer.from(String(row?.[column] ?? ""), encoding);
  addPlain(block, text("identities", "latin1"), text("message_keys", "hex"), text("numbers", "latin1"));
  for (const entry of JSON.parse(String(row?.["others"])) as readonly OtherEntry[]) addOther(block, entry);
  return { block, last: octetsOrNull(row?.["last"]) ?? after };
}

/** @param identities in hexadecimal, @param numbers twice the octets, and 1 if it is bound; between commas */
function addPlain(block: KnownBlock, identities: Buffer, messageKeys: Buffer, numbers: Buffer): void {
  const identity = new Uint8Array(LONGEST_IDENTITY);
  let digit = 0;
  let at = 0;
  for (let messageKey = 0; messageKey < messageKeys.length; messageKey += OCTETS_OF_UUID) {
    let identityOctets = 0;
    for (; digit < identities.length && identities[digit] !== COMMA; digit += 2)
      identity[identityOctets++] = 16 * hexDigit(identities[digit]) + hexDigit(identities[digit + 1]);
    let number = 0;
    for (; at < numbers.length && numbers[at] !== COMMA; at++)
      number = 10 * number + (numbers[at] ?? 0) - 0x30;
    const bound = number % 2 === 1;
    block.addStored({
      identity,
      identityOctets,
      messageKeys,
      messageKey,
      octets: Math.floor(number / 2),
      bound,
    });
    digit++;
    at++;
  }
}

function hexDigit(character = 0): number {
  return character <= 0x39 ? character - 0x30 : character - 0x37;
}

function addOther(
  block: KnownBlock,
  [identity, state, messageId, octets, criteriaDigest, bound, attempts, due]: OtherEntry,
): void {
  block.add({
    identity: fromHex(identity),
    disposition: disposition(state),
    messageKey: messageId === "" ? null : fromHex(messageId),
    octets,
    criteriaDigest: criteriaDigest === "" ? null : fromHex(criteriaDigest),
    bound: bound === 1,
    attempts,
    due: readDate(due),
  });
}

function fromHex(hex: string): Uint8Array {
  return octetsOf(Buffer.from(hex, "hex"));
}
