import type { KnownBlock } from "@mailonce/core";
import { readDisposition } from "../values/disposition.ts";
import { octetsOf } from "../values/octets.ts";
import type { Row } from "../values/row.ts";
import { readDate } from "../values/stored-date.ts";

/**
 * Known entries by the page, in few values: a ledger of a million entries is read at once, and most of that time would go
 * into making a value of each column of each entry. Nearly all entries are {@link PLAIN}, and packed; the others are read
 * column by column.
 */
export interface KnownPage {
  /** The select; it takes the maildrop's id and the identity after which the page begins. */
  select(table: string, limit: number): string;
  /** The entries in its rows. */
  read(rows: readonly Row[]): Page;
}

export interface Page {
  readonly block: KnownBlock;
  /** The greatest identity; empty if there are no entries. */
  readonly last: Uint8Array;
}

/** True of a stored entry of which there is nothing to be said but identity, message, octets and `bound`. */
export const PLAIN = `disposition = 'stored' AND attempts = 0 AND due_at IS NULL AND criteria_digest IS NULL
  AND message_id IS NOT NULL AND octets < 4503599627370496`;
/** Octets and `bound` of a plain entry, in a number of at most 16 digits that JavaScript's numbers can hold. */
export const PLAIN_NUMBER = "2 * octets + bound";

export const OCTETS_OF_UUID = 16;

/** What stands beside the identity of an entry that is not plain; binary columns in hexadecimal, all empty for null. */
export type OtherColumns = readonly [
  disposition: string,
  messageId: string,
  octets: string | number,
  criteriaDigest: string,
  bound: string | number,
  attempts: string | number,
  due: string,
];

export function addOther(
  block: KnownBlock,
  identity: Uint8Array,
  [disposition, messageId, octets, criteriaDigest, bound, attempts, due]: OtherColumns,
): void {
  block.add({
    identity,
    disposition: readDisposition(disposition),
    messageKey: messageId === "" ? null : fromHex(messageId),
    octets: octets === "" ? null : Number(octets),
    criteriaDigest: criteriaDigest === "" ? null : fromHex(criteriaDigest),
    bound: Number(bound) === 1,
    attempts: Number(attempts),
    due: due === "" ? null : readDate(due),
  });
}

export function fromHex(hex: string): Uint8Array {
  return octetsOf(Buffer.from(hex, "hex"));
}
