import { KnownBlock } from "@mailonce/core";
import {
  addOther,
  type KnownPage,
  OCTETS_OF_UUID,
  type OtherColumns,
  PLAIN,
  PLAIN_NUMBER,
} from "../database/known-page.ts";
import { octetsOf } from "../values/octets.ts";

const DIGITS = 16;
const DIGIT_0 = 0x30;

/**
 * A row for each entry: a plain one is one value, its identity and then the message's UUID and the number; of another one
 * the first value is the identity, the second has its other columns. (All rows in one value, by GROUP_CONCAT, would take
 * the server half as long again.)
 */
export const MYSQL_KNOWN_PAGE: KnownPage = {
  select: (table, limit) => `SELECT
      IF(${PLAIN}, CONCAT(identity, message_id, LPAD(${PLAIN_NUMBER}, ${DIGITS}, '0')), identity) AS entry,
      IF(${PLAIN}, NULL, CONCAT_WS(',', disposition, IFNULL(HEX(message_id), ''), IFNULL(octets, ''),
        IFNULL(HEX(criteria_digest), ''), bound, attempts, IFNULL(CAST(due_at AS CHAR), ''))) AS other
    FROM ${table} WHERE maildrop_id = ? AND identity > ? ORDER BY identity LIMIT ${limit}`,
  read: (rows) => {
    const block = new KnownBlock(rows.length);
    for (const { entry, other } of rows) {
      if (other === null) addPlain(block, entry as Buffer);
      // The block copies the octets, so it does not matter that these are the driver's Buffers.
      else addOther(block, entry as Buffer, String(other).split(",") as unknown as OtherColumns);
    }
    return { block, last: block.length === 0 ? NONE : octetsOf(block.identity(block.length - 1)) };
  },
};

const NONE = new Uint8Array(0);

function addPlain(block: KnownBlock, entry: Buffer): void {
  const digits = entry.length - DIGITS;
  let number = 0;
  for (let at = digits; at < entry.length; at++) number = 10 * number + (entry[at] ?? 0) - DIGIT_0;
  const messageKey = digits - OCTETS_OF_UUID;
  const bound = number % 2 === 1;
  block.addStored({
    identity: entry,
    identityOctets: messageKey,
    messageKeys: entry,
    messageKey,
    octets: (number - Number(bound)) / 2,
    bound,
  });
}
