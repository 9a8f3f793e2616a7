import { setImmediate as turn } from "node:timers/promises";
import type { KnownBlock } from "@mailonce/core";
import { expectMaildropId } from "../arguments/expect-arguments.ts";
import type { Gateway } from "../database/gateway.ts";
import type { Page } from "../database/known-page.ts";
import type { TableNames } from "../schema/table-names.ts";

/** Entries in a block. */
const BLOCK = 10_000;

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
  const { knownPage } = gateway.dialect;
  const select = knownPage.select(names.ledgerEntry, BLOCK);
  const pageAfter = (after: Uint8Array): Promise<Page> => {
    const page = gateway.read(async (statements) =>
      knownPage.read(await statements.rows(select, [maildropId, after])),
    );
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
