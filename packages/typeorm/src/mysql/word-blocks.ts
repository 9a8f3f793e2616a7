import type { Clause } from "@mailonce/core/search";

/** Messages of a block. */
export const BLOCK = 2048;
/** Ids in one row. */
const IDS_A_ROW = 64;
const ID_OCTETS = 16;
/** A list that would be longer than a bit for each message is so many octets of bits. */
const BITS = BLOCK / 8;

/** A row of a block: a token and the messages that have it, or some ids of the block. */
export interface BlockRow {
  readonly token: string;
  readonly places: Uint8Array;
}

/** A message with its tokens, parted by spaces. */
export interface TokensOfMessage {
  readonly key: Uint8Array;
  readonly tokens: string;
}

/** The rows of a block with these messages, sorted by token. The place of a message is its number in the order of keys. */
export function blockRows(messages: readonly TokensOfMessage[]): readonly BlockRow[] {
  const lists = new Map<string, number[]>();
  messages.forEach(({ tokens }, place) => {
    for (const token of tokens.split(" ")) {
      if (token === "") continue;
      const list = lists.get(token);
      if (list === undefined) lists.set(token, [place]);
      else list.push(place);
    }
  });
  const ids = messages.map(({ key }) => key);
  const rows = [...lists].map(([token, places]) => ({ token, places: written(places) }));
  for (let from = 0; from < ids.length; from += IDS_A_ROW)
    rows.push({ token: idsToken(from), places: Buffer.concat(ids.slice(from, from + IDS_A_ROW)) });
  return rows.sort((one, other) => (one.token < other.token ? -1 : 1));
}

/** The token of the row with the id of a message. No word has such a one. */
export function idsToken(place: number): string {
  return `#${String(Math.floor(place / IDS_A_ROW)).padStart(2, "0")}`;
}

/** The tokens of all rows with ids stand before it, and those of words behind. */
export const BEHIND_IDS = "$";

/** The id at a place, of the row with it; null if the message is in a later block now. */
export function idAt(ids: Uint8Array, place: number): Uint8Array | null {
  const from = (place % IDS_A_ROW) * ID_OCTETS;
  const id = ids.subarray(from, from + ID_OCTETS);
  return id.length === ID_OCTETS && id.some((octet) => octet !== 0) ? id : null;
}

/** The row without these ids; the same if it has none of them. */
export function withoutIds(ids: Uint8Array, isGone: (id: Uint8Array) => boolean): Uint8Array {
  let left = ids;
  for (let from = 0; from < ids.length; from += ID_OCTETS) {
    if (!isGone(ids.subarray(from, from + ID_OCTETS))) continue;
    if (left === ids) left = Uint8Array.from(ids);
    left.fill(0, from, from + ID_OCTETS);
  }
  return left;
}

export function isEmpty(ids: Uint8Array): boolean {
  return ids.every((octet) => octet === 0);
}

/** The places of the messages that have a token of each clause, or the one of those that had too many; the last one first. */
export function placesOf(
  clauses: readonly Clause[],
  rows: readonly BlockRow[],
  cutToken: string,
): readonly number[] {
  const all = new Uint8Array(BITS).fill(0xff);
  for (const clause of clauses) {
    const some = bitsOf(clause, rows, cutToken);
    if (some === null) return [];
    for (let at = 0; at < BITS; at++) all[at] = (all[at] ?? 0) & (some[at] ?? 0);
  }
  const found: number[] = [];
  for (let place = BLOCK - 1; place >= 0; place--)
    if (((all[place >> 3] ?? 0) & (1 << (place & 7))) !== 0) found.push(place);
  return found;
}

/** How many messages of a block have a token of the clause. */
export function numberWith(clause: Clause, rows: readonly BlockRow[], cutToken: string): number {
  let number = 0;
  for (let left of bitsOf(clause, rows, cutToken) ?? []) for (; left !== 0; left &= left - 1) number++;
  return number;
}

/** A bit for each message, set where it has a token of the clause; null: none has. */
function bitsOf(clause: Clause, rows: readonly BlockRow[], cutToken: string): Uint8Array | null {
  let bits: Uint8Array | null = null;
  for (const { token, places } of rows)
    if (token === cutToken || clause.some((one) => isToken(one, token))) {
      bits ??= new Uint8Array(BITS);
      addTo(bits, places);
    }
  return bits;
}

function isToken({ token, isStart }: Clause[number], found: string): boolean {
  return isStart ? found.startsWith(token) : found === token;
}

/** Two octets for each place, or a bit for each message, whichever is shorter. */
function written(places: readonly number[]): Uint8Array {
  if (places.length * 2 >= BITS) {
    const bits = new Uint8Array(BITS);
    for (const place of places) bits[place >> 3] = (bits[place >> 3] ?? 0) | (1 << (place & 7));
    return bits;
  }
  const octets = Buffer.alloc(places.length * 2);
  places.forEach((place, at) => {
    octets.writeUInt16LE(place, at * 2);
  });
  return octets;
}

function addTo(bits: Uint8Array, places: Uint8Array): void {
  if (places.length === BITS) {
    for (let at = 0; at < BITS; at++) bits[at] = (bits[at] ?? 0) | (places[at] ?? 0);
    return;
  }
  for (let at = 0; at + 1 < places.length; at += 2) {
    const place = (places[at] ?? 0) | ((places[at + 1] ?? 0) << 8);
    bits[place >> 3] = (bits[place >> 3] ?? 0) | (1 << (place & 7));
  }
}
