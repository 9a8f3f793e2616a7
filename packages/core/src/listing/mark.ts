import { sameCriteria } from "../ports/ledger-entry.ts";
import type { ListingMark } from "../ports/maildrop.ts";
import { LISTING_START, type Listing, type ListingStart } from "./listing.ts";
import { PrefixDigest } from "./prefix-digest.ts";
import type { Listings } from "./receive.ts";

/**
 * Where the part of the listing begins that the mark does not cover: after the covered octets if the listing begins with
 * the same ones and the criteria are the same, else at the start of the listing.
 */
export function startAfterMark(
  { isMarked }: Listings,
  mark: ListingMark | null,
  criteriaDigest: Uint8Array | null,
): ListingStart {
  const isValid = isMarked && mark !== null && sameCriteria(mark.criteriaDigest, criteriaDigest);
  return isValid ? mark : LISTING_START;
}

/** Makes the mark that covers `count` entries from the listing's start on. Only for aligned listings with UIDL. */
export function markOf(
  listing: Listing,
  count: number,
  criteriaDigest: Uint8Array | null,
): ListingMark | null {
  const prefix = listing.prefix(count);
  const making = new PrefixDigest(prefix);
  for (const piece of listing.raw.uidl?.pieces ?? []) making.uidl(piece);
  for (const piece of listing.raw.list.pieces) making.list(piece);
  const digest = making.finish();
  return digest === null ? null : { criteriaDigest, ...prefix, digest };
}
