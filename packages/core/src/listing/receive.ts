import { equalOctets } from "../message/octets.ts";
import type { ListingMark } from "../ports/maildrop.ts";
import type { ListingPart } from "../ports/maildrop-session.ts";
import { PrefixDigest } from "./prefix-digest.ts";
import { ListingText } from "./text.ts";

/** The answers to STAT, UIDL and LIST of one session; UIDL and LIST are not parsed yet. */
export interface Listings {
  /** The number of messages by STAT, null if it cannot be read. */
  readonly count: number | null;
  /** Null if the server refuses UIDL. */
  readonly uidl: ListingText | null;
  readonly list: ListingText;
  /** True if UIDL and LIST begin with the octets that the mark covers. */
  readonly isMarked: boolean;
}

/** Collects the listings as they arrive, and meanwhile digests as many octets as the mark covers, to compare them. */
export async function receiveListings(
  parts: AsyncIterable<ListingPart>,
  mark: ListingMark | null = null,
): Promise<Listings> {
  const uidl = new ListingText();
  const list = new ListingText();
  const marked = mark && new PrefixDigest(mark, mark.digest);
  let count: number | null = null;
  let isRefused = false;
  for await (const part of parts) {
    if (part.kind === "stat") count = part.count;
    else if (part.kind === "no-uidl") isRefused = true;
    else if (part.kind === "uidl") {
      uidl.push(part.octets);
      marked?.uidl(part.octets);
    } else {
      list.push(part.octets);
      marked?.list(part.octets);
    }
  }
  const digest = marked?.finish() ?? null;
  const isMarked = mark !== null && digest !== null && equalOctets(digest, mark.digest);
  return { count, uidl: isRefused ? null : uidl, list, isMarked };
}
