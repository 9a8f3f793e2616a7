import { ListingText } from "./listing-text.ts";
import type { ListingPart } from "./ports/session.ts";
import type { ListingMark } from "./ports/store.ts";

/** STAT, UIDL and LIST of one session as they were received; nothing is parsed yet. */
export interface Listings {
  /** Messages as STAT counts them, 0 if it says no number. */
  readonly count: number;
  /** Null if the server refuses UIDL. */
  readonly uidl: ListingText | null;
  readonly list: ListingText;
}

/** Takes the listings as they come; what the mark covers is digested on the way. */
export async function receiveListings(
  parts: AsyncIterable<ListingPart>,
  mark: ListingMark | null = null,
): Promise<Listings> {
  const uidl = new ListingText(mark?.uidlOctets);
  const list = new ListingText(mark?.listOctets);
  let count = 0;
  let refused = false;
  for await (const part of parts) {
    if (part.kind === "stat") count = part.count;
    else if (part.kind === "no-uidl") refused = true;
    else (part.kind === "uidl" ? uidl : list).push(part.octets);
  }
  return { count, uidl: refused ? null : uidl, list };
}
