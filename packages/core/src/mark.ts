import { createHash } from "node:crypto";
import { LISTING_START, type Listing, type ListingStart } from "./listing.ts";
import { equalOctets } from "./octets.ts";
import type { Listings } from "./ports/session.ts";
import type { ListingMark } from "./ports/store.ts";

/**
 * Where the part of the listing begins that the mark does not cover: after its octets if the listing begins with
 * them and the criteria are the same, else at the start.
 */
export function startAfterMark(
  raw: Listings,
  mark: ListingMark | null,
  criteriaDigest: Uint8Array | null,
): ListingStart {
  if (mark === null || raw.uidl === null) return LISTING_START;
  if (mark.uidlOctets > raw.uidl.length || mark.listOctets > raw.list.length) return LISTING_START;
  if (!sameCriteria(mark.criteriaDigest, criteriaDigest)) return LISTING_START;
  return equalOctets(prefixDigest(raw, mark), mark.digest) ? mark : LISTING_START;
}

/** The mark over a listing's first `count` entries beyond its start. Only for aligned listings. */
export function markOf(listing: Listing, count: number, criteriaDigest: Uint8Array | null): ListingMark {
  const prefix = listing.prefix(count);
  return { criteriaDigest, ...prefix, digest: prefixDigest(listing.raw, prefix) };
}

/** True if both are the digest of the same criteria, or both none. */
export function sameCriteria(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equalOctets(a, b);
}

function prefixDigest(raw: Listings, prefix: ListingStart): Uint8Array {
  return createHash("sha256")
    .update(raw.uidl?.subarray(0, prefix.uidlOctets) ?? new Uint8Array(0))
    .update(raw.list.subarray(0, prefix.listOctets))
    .digest();
}
