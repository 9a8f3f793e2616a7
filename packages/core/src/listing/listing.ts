import { equalOctets } from "../message/octets.ts";
import type { Listings } from "./receive.ts";
import type { ListingText, TakeLine } from "./text.ts";

const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
/** Greater message numbers are taken for garbage: no session holds four thousand million messages. */
const MAX_NUMBER = 0xffff_fffe;

/** A place in the listings: so many octets of UIDL and of LIST, and so many entries, stand before it. */
export interface ListingStart {
  readonly count: number;
  readonly uidlOctets: number;
  readonly listOctets: number;
}

export const LISTING_START: ListingStart = { count: 0, uidlOctets: 0, listOctets: 0 };

/**
 * UIDL and LIST of one session, joined by message number, in the order of LIST. An entry is named by its index. Entries
 * are held in columns: a million of them take a few tens of megabytes and no string.
 */
export class Listing {
  /** Number of entries. */
  length = 0;
  /** Number of lines that have no readable message number or contradict an earlier line; they make no entry. */
  malformedLines = 0;
  /** True if UIDL and LIST name the same message numbers in the same order, one to a line. */
  aligned = true;
  readonly start: ListingStart;
  readonly raw: Listings;
  #numbers: Uint32Array;
  /**
   * 16 octets for each entry, side by side so that one memory access gets all: where its unique-id begins and ends in
   * `#ids` (the end is 0 if UIDL has no line for it), and its listed octets.
   */
  #entries: { readonly idPlaces: Uint32Array; readonly octets: Float64Array };
  /** The unique-ids, one after another. The first octet belongs to none, so that no unique-id ends at 0. */
  #ids: Uint8Array;
  #idsEnd = 1;
  #byNumber: Map<number, number> | null = null;

  constructor(raw: Listings, start: ListingStart = LISTING_START) {
    this.raw = raw;
    this.start = start;
    const { uidl, list } = raw;
    // STAT's count alone would not do, as a server can say anything: a line of LIST has at least five octets.
    const capacity = Math.min(Math.max((raw.count ?? 0) - start.count, 0), list.length / 5) + 16;
    this.#numbers = new Uint32Array(capacity);
    this.#entries = entryColumns(capacity);
    // More room than the unique-ids can need; pages that are never written to take no memory.
    this.#ids = new Uint8Array(uidl === null ? 0 : Math.max(uidl.length - start.uidlOctets, 0) + 1);
    this.#readList(list, start.listOctets);
    if (uidl !== null) this.#readUidl(uidl, start.uidlOctets);
    else this.aligned = this.length === 0;
  }

  messageNumber(index: number): number {
    return this.#numbers[index] ?? 0;
  }

  /** Listed octets, null if LIST gave none. */
  octets(index: number): number | null {
    const octets = this.#entries.octets[2 * index + 1] ?? -1;
    return octets < 0 ? null : octets;
  }

  /** The unique-id verbatim, null if the server gave none or an empty one. */
  uniqueId(index: number): Uint8Array | null {
    if (!this.hasUniqueId(index)) return null;
    return this.#ids.subarray(this.idStart(index), this.idEnd(index));
  }

  hasUniqueId(index: number): boolean {
    return this.idEnd(index) > this.idStart(index);
  }

  /**
   * The octets of all unique-ids, each from its `idStart` to its `idEnd`: for code that looks at a million of them, as
   * making the array that `uniqueId` gives takes longer than looking at it.
   */
  get ids(): Uint8Array {
    return this.#ids;
  }

  idStart(index: number): number {
    return this.#entries.idPlaces[4 * index] ?? 0;
  }

  idEnd(index: number): number {
    return this.#entries.idPlaces[4 * index + 1] ?? 0;
  }

  /** True if UIDL has no line for the entry. (For an empty unique-id there is a line.) */
  isMissingId(index: number): boolean {
    return this.idEnd(index) === 0;
  }

  /** Sets the unique-id of an entry that UIDL left out and `UIDL n` gave. */
  setUniqueId(index: number, uniqueId: Uint8Array): void {
    this.aligned = false;
    const needed = this.#idsEnd + uniqueId.length;
    if (needed > this.#ids.length) this.#ids = copyInto(new Uint8Array(needed + this.#idsEnd), this.#ids);
    this.#setId(index, uniqueId, 0, uniqueId.length);
  }

  /** The place after the first `count` entries in UIDL and in LIST. May be called for aligned listings only. */
  prefix(count: number): ListingStart {
    const { uidl, list } = this.raw;
    const listed = this.start.count + count;
    if (count === this.length && uidl !== null)
      return { count: listed, uidlOctets: uidl.length, listOctets: list.length };
    return {
      count: listed,
      uidlOctets: uidl?.endOfLines(this.start.uidlOctets, count) ?? 0,
      listOctets: list.endOfLines(this.start.listOctets, count),
    };
  }

  /** Gives each line that is not empty to `take`, without the blanks before it. */
  #forEachLine(text: ListingText, from: number, take: TakeLine): void {
    let hasEmpty = false;
    text.forEachLine(from, (octets, lineStart, end) => {
      // Nearly all lines begin with a digit: they need no search for blanks, which counts with a million lines.
      const start = isDigit(octets[lineStart]) ? lineStart : skipBlanks(octets, lineStart, end);
      if (start === end || (octets[start] === CR && start + 1 === end)) {
        hasEmpty = true;
        return;
      }
      // `prefix` finds the end of an entry by counting lines, so empty lines count; after the last entry they do no harm.
      if (hasEmpty) this.aligned = false;
      take(octets, start, end);
    });
  }

  #readList(list: ListingText, from: number): void {
    let last = 0;
    this.#forEachLine(list, from, (text, start, end) => {
      const number = readMessageNumber(text, start, end);
      if (number === null) {
        this.malformedLines++;
        return;
      }
      const octets = readNumber(text, skipBlanks(text, skipDigits(text, start), end), end) ?? -1;
      const before = number <= last ? this.#indexOf(number) : undefined;
      if (before === undefined) {
        this.#push(number, octets);
        last = Math.max(last, number);
        return;
      }
      // A second line for one message. It is ignored; only if it says other octets than the first is it a fault.
      this.aligned = false;
      if (octets !== (this.octets(before) ?? -1)) this.malformedLines++;
    });
  }

  #readUidl(uidl: ListingText, from: number): void {
    let index = 0;
    const listed = this.length;
    const seen = new Uint8Array(listed);
    this.#forEachLine(uidl, from, (text, start, end) => {
      const number = readMessageNumber(text, start, end);
      let entry: number | undefined = index;
      if (number === null || number !== this.#numbers[index] || index >= listed) {
        this.aligned = false;
        entry = number === null ? undefined : this.#indexOf(number);
        // A message that UIDL lists and LIST does not is a message all the same; only its octets are not known.
        if (entry === undefined && number !== null) entry = this.#push(number, -1);
      }
      if (entry === undefined) this.malformedLines++;
      else {
        const idStart = skipBlanks(text, skipDigits(text, start), end);
        const idEnd = text[end - 1] === CR && end > idStart ? end - 1 : end;
        if (entry >= listed || seen[entry] !== 1) this.#setId(entry, text, idStart, idEnd);
        else if (!this.#isId(entry, text.subarray(idStart, idEnd))) {
          // UIDL gives two unique-ids for one message number, so neither is used.
          this.malformedLines++;
          this.#entries.idPlaces.fill(0, 4 * entry, 4 * entry + 2);
        }
        if (entry < listed) seen[entry] = 1;
        index = entry + 1;
      }
    });
    if (seen.includes(0)) this.aligned = false;
  }

  #isId(entry: number, octets: Uint8Array): boolean {
    const id = this.#ids.subarray(this.idStart(entry), this.idEnd(entry));
    return !this.isMissingId(entry) && equalOctets(id, octets);
  }

  #setId(entry: number, text: Uint8Array, start: number, end: number): void {
    const from = this.#idsEnd;
    for (let at = start; at < end; at++) this.#ids[this.#idsEnd++] = text[at] ?? 0;
    const { idPlaces } = this.#entries;
    idPlaces[4 * entry] = from;
    idPlaces[4 * entry + 1] = this.#idsEnd;
  }

  #push(number: number, octets: number): number {
    if (this.length === this.#numbers.length) this.#grow();
    this.#numbers[this.length] = number;
    this.#entries.octets[2 * this.length + 1] = octets;
    this.#byNumber?.set(number, this.length);
    return this.length++;
  }

  #grow(): void {
    const capacity = 2 * this.length + 16;
    this.#numbers = copyInto(new Uint32Array(capacity), this.#numbers);
    const entries = entryColumns(capacity);
    entries.idPlaces.set(this.#entries.idPlaces);
    this.#entries = entries;
  }

  /** The entry of a message number. Needed only where numbers do not ascend, so the map is built at the first call. */
  #indexOf(number: number): number | undefined {
    if (this.#byNumber === null) {
      this.#byNumber = new Map();
      for (let index = 0; index < this.length; index++) this.#byNumber.set(this.messageNumber(index), index);
    }
    return this.#byNumber.get(number);
  }
}

/** The columns of {@link Listing}'s entries: two views of the same memory. */
function entryColumns(capacity: number): {
  readonly idPlaces: Uint32Array;
  readonly octets: Float64Array;
} {
  const memory = new ArrayBuffer(16 * Math.floor(capacity));
  return { idPlaces: new Uint32Array(memory), octets: new Float64Array(memory) };
}

function copyInto<T extends Uint8Array | Uint32Array>(target: T, source: T): T {
  target.set(source);
  return target;
}

function isDigit(octet: number | undefined): octet is number {
  return octet !== undefined && octet >= DIGIT_0 && octet <= DIGIT_9;
}

function skipDigits(text: Uint8Array, from: number): number {
  let at = from;
  while (isDigit(text[at])) at++;
  return at;
}

function skipBlanks(text: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && (text[at] === SPACE || text[at] === TAB)) at++;
  return at;
}

/** The number whose digits begin at `from`; null if there is none, it is too large, or no blank or end follows it. */
function readNumber(text: Uint8Array, from: number, end: number): number | null {
  let value = 0;
  let at = from;
  for (let octet = text[at]; at < end && isDigit(octet); octet = text[++at]) {
    value = value * 10 + (octet - DIGIT_0);
    if (value > Number.MAX_SAFE_INTEGER) return null;
  }
  const next = text[at];
  if (at === from || (at < end && next !== SPACE && next !== TAB && next !== CR)) return null;
  return value;
}

function readMessageNumber(text: Uint8Array, from: number, end: number): number | null {
  const number = readNumber(text, from, end);
  return number !== null && number >= 1 && number <= MAX_NUMBER ? number : null;
}
