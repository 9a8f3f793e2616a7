import { setImmediate as turn } from "node:timers/promises";
import { KnownBlock } from "@mailonce/core";
import { expectMaildropId } from "../arguments/expect-arguments.ts";
import type { Dialect } from "../database/dialect.ts";
import type { Gateway } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { readDisposition } from "../values/disposition.ts";
import { numberOrNull, octetsOf, octetsOrNull } from "../values/octets.ts";
import type { Row } from "../values/row.ts";
import { readDate } from "../values/stored-date.ts";

/** Entries in a block. */
const BLOCK = 10_000;

/** A block, and the identity after which the next page begins. */
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
  const { select, read } = pageReader(gateway.dialect, names.ledgerEntry);
  const pageAfter = (after: Uint8Array): Promise<Page> => {
    const page = gateway.read(async (statements) => read(await statements.rows(select, [maildropId, after])));
    // Whoever awaits the page gets the error; until then it must not count as unhandled.
    page.catch(() => {});
    return page;
  };
  let next: Promise<Page> | null = pageAfter(new Uint8Array(0));
  try {
    while (next !== null) {
      const { block, last }: Page = await next;
      next = block.length < BLOCK ? null : pageAfter(last);
      // The next select is sent before the caller gets this block, with which it may be busy for long.
      if (next !== null) await turn();
      if (block.length > 0) yield block;
    }
  } finally {
    await next?.catch(() => {});
  }
}

/** The select of a page, and what reads its rows. */
function pageReader({ packedPage, date }: Dialect, table: string) {
  if (packedPage !== null)
    return {
      select: packedPage.select(table, BLOCK),
      read: ([row = {}]: readonly Row[]): Page => ({
        block: packedPage.read(row),
        last: octetsOrNull(row["last"]) ?? NONE,
      }),
    };
  return {
    select: `SELECT identity, disposition, message_id, octets, criteria_digest, bound, attempts, ${date("due_at")}
      FROM ${table} WHERE maildrop_id = ? AND identity > ? ORDER BY identity LIMIT ${BLOCK}`,
    read: (rows: readonly Row[]): Page => ({
      block: blockOf(rows),
      last: octetsOf(rows.at(-1)?.["identity"] ?? NONE),
    }),
  };
}

const NONE = new Uint8Array(0);

function blockOf(rows: readonly Row[]): KnownBlock {
  const block = new KnownBlock(rows.length);
  for (const row of rows)
    block.add({
      // The block copies the octets, so it does not matter that these are the driver's Buffers.
      identity: row["identity"] as Uint8Array,
      disposition: readDisposition(row["disposition"]),
      messageKey: row["message_id"] as Uint8Array | null,
      octets: numberOrNull(row["octets"]),
      criteriaDigest: octetsOrNull(row["criteria_digest"]),
      bound: Boolean(row["bound"]),
      attempts: Number(row["attempts"]),
      due: readDate(row["due_at"]),
    });
  return block;
}
