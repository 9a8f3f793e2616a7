import { LISTING_START, type Listing, type ListingStart } from "./listing.ts";
import type { Listings } from "./listings.ts";
import { equalOctets } from "./octets.ts";
import type { ListingMark } from "./ports/store.ts";
import { sha256 } from "./sha256.ts";

/**
 * Where the part of the listing begins that the mark does not cover: after its octets if the listing begins with
 * them and the criteria are the same, else at the start.
 */
export function startAfterMark(
  listings: Listings,
  mark: ListingMark | null,
  criteriaDigest: Uint8Array | null,
): ListingStart {
  if (mark === null || !sameCriteria(mark.criteriaDigest, criteriaDigest)) return LISTING_START;
  const digest = prefixDigest(listings, mark);
  return digest !== null && equalOctets(digest, mark.digest) ? mark : LISTING_START;
}

/** The mark over a listing's first `count` entries beyond its start; null if it has none. Only for aligned listings. */
export function markOf(
  listing: Listing,
  count: number,
  criteriaDigest: Uint8Array | null,
): ListingMark | null {
  const prefix = listing.prefix(count);
  const digest = prefixDigest(listing.raw, prefix);
  return prefix.count === 0 || digest === null ? null : { criteriaDigest, ...prefix, digest };
}

/** True if both are the digest of the same criteria, or both none. */
export function sameCriteria(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equalOctets(a, b);
}

/** Null if the listing has no such prefix. */
function prefixDigest({ uidl, list }: Listings, prefix: ListingStart): Uint8Array | null {
  const ofUidl = uidl?.digest(prefix.uidlOctets) ?? null;
  const ofList = list.digest(prefix.listOctets);
  return ofUidl === null || ofList === null ? null : sha256(ofUidl, ofList);
}
