import { latin1 } from "../message/octets.ts";
import { blocksOf } from "./blocks.ts";
import { ITEMS_A_CALL, type Ledger, type LedgerTransaction } from "./ledger.ts";

/**
 * Gives the same transaction without the limit of {@link ITEMS_A_CALL}: it divides longer calls, and asks for each key
 * once. Code that writes to the ledger need not care for the limit.
 */
export function unbounded(tx: LedgerTransaction): LedgerTransaction {
  return {
    entries: (identities) => gather(distinct(identities), (some) => tx.entries(some)),
    classEntries: (uniqueIds) => gather(distinct(uniqueIds), (some) => tx.classEntries(some)),
    entriesNaming: (messageIds) => gather([...new Set(messageIds)], (some) => tx.entriesNaming(some)),
    entriesWithHeader: (digests) => gather(distinct(digests), (some) => tx.entriesWithHeader(some)),
    copies: (digests) => gather(distinct(digests), (some) => tx.copies(some)),
    insertMessages: (messages) => each(messages, (some) => tx.insertMessages(some)),
    insertEntries: (entries) => each(entries, (some) => tx.insertEntries(some)),
    updateEntries: (entries) => each(entries, (some) => tx.updateEntries(some)),
    rejectEntries: (identities, criteriaDigest) =>
      each(identities, (some) => tx.rejectEntries(some, criteriaDigest)),
    deleteEntries: (identities) => each(identities, (some) => tx.deleteEntries(some)),
    updateMaildrop: (change) => tx.updateMaildrop(change),
  };
}

/** Reads `entries` of the store outside a transaction, for any number of identities. */
export function entriesOf(
  store: Pick<Ledger, "entries">,
  maildropId: number,
  identities: readonly Uint8Array[],
): ReturnType<Ledger["entries"]> {
  return gather(distinct(identities), (some) => store.entries(maildropId, some));
}

function distinct(keys: readonly Uint8Array[]): readonly Uint8Array[] {
  return keys.length <= 1 ? keys : [...new Map(keys.map((key) => [latin1(key), key])).values()];
}

async function gather<Item, Found>(
  items: readonly Item[],
  ask: (some: readonly Item[]) => Promise<readonly Found[]>,
): Promise<readonly Found[]> {
  if (items.length <= ITEMS_A_CALL) return items.length === 0 ? [] : ask(items);
  const found: Found[] = [];
  for (const some of blocksOf(items, ITEMS_A_CALL)) for (const one of await ask(some)) found.push(one);
  return found;
}

async function each<Item>(
  items: readonly Item[],
  take: (some: readonly Item[]) => Promise<void>,
): Promise<void> {
  for (const some of blocksOf(items, ITEMS_A_CALL)) await take(some);
}
