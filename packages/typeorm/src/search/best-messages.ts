import { bestFirst, type Occurrences } from "@mailonce/core/search";
import type { Gateway } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { compareOctets } from "../values/octets.ts";
import { uuidToOctets } from "../values/uuid-octets.ts";
import type { BestCursor } from "./cursor.ts";
import { newestMessages } from "./newest-messages.ts";
import { type FoundMessage, foundAmong } from "./searched-messages.ts";
import type { Sought } from "./sought.ts";

/** Messages that are ranked: the newest of those that are found. */
const MOST_RANKED = 1000;
/** How often the search for them goes on, where few of those that are looked at are found. */
const MOST_PAGES = 5;

/** A message that was found, and what it is ranked by. */
interface Ranked {
  readonly key: Uint8Array;
  readonly occurrences: Occurrences;
}

/** The best of the newest messages that are found. Later pages rank the same messages again, and go on behind the last one. */
export async function bestMessages(
  gateway: Gateway,
  names: TableNames,
  sought: Sought,
  limit: number,
  cursor: BestCursor | null,
): Promise<{ readonly found: readonly FoundMessage[]; readonly next: BestCursor | null }> {
  const ranked = await rankedMessages(gateway, names, sought, cursor?.newest ?? null);
  const from = cursor?.rank ?? 0;
  const keys = bestFirst(ranked)
    .slice(from, from + limit)
    .map(({ key }) => key);
  const { found } = await foundAmong(gateway, names, sought, keys);
  const newest = cursor?.newest ?? ranked[0]?.key;
  const rank = from + keys.length;
  return { found, next: newest === undefined || rank >= ranked.length ? null : { newest, rank } };
}

/** @param newest the first of them on a page before; null: there was none */
async function rankedMessages(
  gateway: Gateway,
  names: TableNames,
  sought: Sought,
  newest: Uint8Array | null,
): Promise<readonly Ranked[]> {
  const ranked: Ranked[] = [];
  let before = newest === null ? null : behind(newest);
  for (let page = 0; page < MOST_PAGES && ranked.length < MOST_RANKED; page++) {
    const wanted = { limit: MOST_RANKED - ranked.length, before };
    const { found, next } = await newestMessages(gateway, names, sought, wanted, rankedOf);
    ranked.push(...found);
    if (next === null) break;
    before = next;
  }
  return ranked;
}

function rankedOf({ message, occurrences }: FoundMessage): Ranked {
  return { key: uuidToOctets(message.id), occurrences: occurrences() };
}

/** The lowest id that is higher. */
function behind(id: Uint8Array): Uint8Array {
  const next = Uint8Array.from(id);
  for (let at = next.length - 1; at >= 0; at--) {
    next[at] = ((next[at] ?? 0) + 1) & 0xff;
    if (next[at] !== 0) break;
  }
  return compareOctets(next, id) > 0 ? next : id;
}
