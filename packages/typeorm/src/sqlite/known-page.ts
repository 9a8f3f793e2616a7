import { KnownBlock } from "@mailonce/core";
import {
  addOther,
  fromHex,
  type KnownPage,
  OCTETS_OF_UUID,
  type OtherColumns,
  PLAIN,
  PLAIN_NUMBER,
} from "../database/known-page.ts";
import { octetsOf } from "../values/octets.ts";
import type { Row } from "../values/row.ts";

const COLUMNS = "identity, disposition, message_id, octets, criteria_digest, bound, attempts, due_at";
const LONGEST_IDENTITY = 255;
const COMMA = 0x2c;

/**
 * A whole page in one row, column by column: SQLite's bindings take about 4 microseconds for every row with its blobs, a
 * tenth of that for the same as text, all rows in one.
 */
export const SQLITE_KNOWN_PAGE: KnownPage = {
  select: (table, limit) => `SELECT COUNT(*) AS length,
       group_concat(hex(identity)) FILTER (WHERE plain) AS identities,
       group_concat(hex(message_id), '') FILTER (WHERE plain) AS message_keys,
       group_concat(${PLAIN_NUMBER}) FILTER (WHERE plain) AS numbers,
       json_group_array(json_array(hex(identity), disposition, hex(message_id), ifnull(octets, ''), hex(criteria_digest),
         bound, attempts, ifnull(due_at, ''))) FILTER (WHERE NOT plain) AS others,
       MAX(identity) AS last
     FROM (SELECT ${COLUMNS}, CASE WHEN ${PLAIN} THEN 1 ELSE 0 END AS plain FROM ${table}
           WHERE maildrop_id = ? AND identity > ? ORDER BY identity LIMIT ${limit})`,
  read: ([row = {}]) => {
    const block = new KnownBlock(Number(row["length"]));
    addPlain(block, row);
    for (const [identity, ...columns] of JSON.parse(String(row["others"])) as readonly OtherEntry[])
      addOther(block, fromHex(identity), columns);
    return { block, last: octetsOf(row["last"] ?? NONE) };
  },
};

const NONE = new Uint8Array(0);

/** The identity in hexadecimal, too. */
type OtherEntry = readonly [identity: string, ...OtherColumns];

/** The plain entries: identities in hexadecimal digits, and numbers, twice the octets and 1 if bound, between commas. */
function addPlain(block: KnownBlock, row: Row): void {
  const column = (name: string, encoding: "latin1" | "hex"): Buffer =>
    Buffer.from(String(row[name] ?? ""), encoding);
  const identities = column("identities", "latin1");
  const messageKeys = column("message_keys", "hex");
  const numbers = column("numbers", "latin1");
  const identity = new Uint8Array(LONGEST_IDENTITY);
  let digit = 0;
  let at = 0;
  for (let messageKey = 0; messageKey < messageKeys.length; messageKey += OCTETS_OF_UUID) {
    let identityOctets = 0;
    for (; digit < identities.length && identities[digit] !== COMMA; digit += 2)
      identity[identityOctets++] = 16 * hexDigit(identities[digit]) + hexDigit(identities[digit + 1]);
    let number = 0;
    for (; at < numbers.length && numbers[at] !== COMMA; at++)
      number = 10 * number + (numbers[at] ?? 0) - 0x30;
    const bound = number % 2 === 1;
    block.addStored({
      identity,
      identityOctets,
      messageKeys,
      messageKey,
      octets: Math.floor(number / 2),
      bound,
    });
    digit++;
    at++;
  }
}

function hexDigit(character = 0): number {
  return character <= 0x39 ? character - 0x30 : character - 0x37;
}
