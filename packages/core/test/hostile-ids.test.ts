import { expect, test } from "vitest";
import { Listing } from "../src/listing/listing.ts";
import { ListingText } from "../src/listing/text.ts";
import { UniqueIds } from "../src/listing/unique-ids.ts";

/** Each unique-id has this many pieces of eight octets, each of which is one of the two below. */
const PIECES = 17;
const ONE_WAY = Buffer.from("aaaaaaaa");
/**
 * In a hash that multiplies words by one factor and folds its top bits, changing the top bit of the first word flips bits
 * 31 and 16 of the result, whatever the factor is. The second word flips them back, so that both pieces have one hash.
 */
const OTHER_WAY = Buffer.from([0x61, 0x61, 0x61, 0xe1, 0x61, 0x61, 0x60, 0xe1]);

test("unique-ids that are made to meet in a hash table do not hold up a listing", () => {
  const count = 2 ** PIECES;
  const [uidl, list] = [new ListingText(), new ListingText()];
  for (let n = 0; n < count; n++) {
    const id = Array.from({ length: PIECES }, (_, bit) => ((n >> bit) & 1 ? OTHER_WAY : ONE_WAY));
    uidl.push(Buffer.concat([Buffer.from(`${n + 1} `), ...id, Buffer.from("\r\n")]));
    list.push(Buffer.from(`${n + 1} 100\r\n`));
  }
  const listing = new Listing({ count, uidl, list, isMarked: false });
  // If all had one hash, each would be compared with all before it, which takes minutes.
  const index = new UniqueIds(listing);
  for (const at of [0, 1, count - 1]) {
    expect(index.isAlone(at)).toBe(true);
    expect(index.find(listing.uniqueId(at) ?? Buffer.alloc(0))).toBe(at);
  }
});
