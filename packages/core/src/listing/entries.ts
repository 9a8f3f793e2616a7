import { MailonceError } from "../errors.ts";
import { latin1 } from "../message/octets.ts";
import {
  type CountedAs,
  countedAs,
  ENTRY_STATES,
  type EntryState,
  mayFollow,
  STATE_CODES,
} from "./entry-state.ts";
import { Listing } from "./listing.ts";
import { UniqueIds } from "./unique-ids.ts";

/** Flag: the entry's row is right, even if another run writes other octets to it meanwhile. */
const CONFIRMED = 1;
/** Flag: the entry is settled under its own unique-id, so that the next mark may cover it (rule 22). */
const COVERED = 2;

/** What settling one entry needs to know about another listed entry. */
export interface FoundEntry {
  /** True if its unique-id is usable (rule 5). */
  readonly usable: boolean;
  /** Its listed octets, null if LIST gave none. */
  readonly octets: number | null;
  /** True if its row was found to be right in this run. */
  readonly confirmed: boolean;
  /** The UUID of the message that it proved to be in this run, where its row names another one; else null. */
  readonly correctedTo: string | null;
}

/**
 * The table of a run's listed entries: the state of each, and what was found out about it. It is held in columns, because
 * there may be a million entries. Detection makes it; from then on only {@link move} changes an entry's state.
 */
export class Entries {
  readonly listing: Listing;
  readonly uniqueIds: UniqueIds;
  readonly #uniqueIdsTrusted: boolean;
  readonly #states: Uint8Array;
  readonly #flags: Uint8Array;
  /** Number of entries in each state, by the state's code. */
  readonly #counts = new Float64Array(ENTRY_STATES.length);
  readonly #corrected = new Map<number, string>();
  /** For unique-ids that are not usable, by their keys, the header digest of the message last retrieved under them. */
  readonly #headers = new Map<string, Uint8Array>();
  /** The whole listing, also where `listing` is only what a mark does not cover; parsed when it is first needed. */
  #whole: { readonly listing: Listing; readonly uniqueIds: UniqueIds } | null = null;

  /** @param states the code of each entry's state; the caller must not use the array any more */
  constructor(uniqueIds: UniqueIds, uniqueIdsTrusted: boolean, states: Uint8Array) {
    this.listing = uniqueIds.listing;
    this.uniqueIds = uniqueIds;
    this.#uniqueIdsTrusted = uniqueIdsTrusted;
    this.#states = states;
    this.#flags = new Uint8Array(states.length);
    // Entries that the mark covers are known; they are counted, but have no place in the table.
    this.#counts[STATE_CODES.known] = this.listing.start.count;
    for (let index = 0; index < states.length; index++) {
      const state = states[index] ?? 0;
      this.#counts[state] = (this.#counts[state] ?? 0) + 1;
      if (state === STATE_CODES.known) this.#flags[index] = CONFIRMED | COVERED;
    }
  }

  get length(): number {
    return this.#states.length;
  }

  state(index: number): EntryState {
    return ENTRY_STATES[this.#states[index] ?? 0] ?? "known";
  }

  /** Moves the entry into the state `to`. Throws if this step is not allowed ({@link mayFollow}). */
  move(index: number, to: EntryState): void {
    const before = this.#states[index] ?? 0;
    const after = STATE_CODES[to];
    if (!mayFollow(before, after))
      throw new MailonceError(
        "impossible-step",
        `a message that is ${this.state(index)} cannot become ${to}`,
      );
    this.#states[index] = after;
    this.#counts[before] = (this.#counts[before] ?? 0) - 1;
    this.#counts[after] = (this.#counts[after] ?? 0) + 1;
  }

  moveAll(entries: Iterable<{ readonly index: number }>, to: EntryState): void {
    for (const { index } of entries) this.move(index, to);
  }

  /** Number of listed messages in the given count of the summary. */
  count(as: CountedAs): number {
    return ENTRY_STATES.reduce(
      (sum, state, code) => (countedAs(state) === as ? sum + (this.#counts[code] ?? 0) : sum),
      0,
    );
  }

  /** True if an entry is in one of these states; does not look at the entries. */
  hasAny(...states: readonly Exclude<EntryState, "known">[]): boolean {
    return states.some((state) => this.#counts[STATE_CODES[state]] !== 0);
  }

  /** The indexes of the entries in this state, in listing order. */
  in(state: EntryState): readonly number[] {
    const code = STATE_CODES[state];
    const indexes: number[] = [];
    for (let index = 0; this.#counts[code] !== indexes.length && index < this.length; index++)
      if (this.#states[index] === code) indexes.push(index);
    return indexes;
  }

  /** Notes that the entry's row is right. */
  confirm(index: number): void {
    this.#flags[index] = (this.#flags[index] ?? 0) | CONFIRMED;
  }

  /** Notes that the entry proved to be the message of this UUID, although its row names another one. */
  correct(index: number, messageId: string): void {
    this.#corrected.set(index, messageId);
  }

  isCorrected(index: number): boolean {
    return this.#corrected.has(index);
  }

  /** Notes whether the next mark may cover the entry. */
  cover(index: number, covered = true): void {
    const flags = this.#flags[index] ?? 0;
    this.#flags[index] = covered ? flags | COVERED : flags & ~COVERED;
  }

  isCovered(index: number): boolean {
    return ((this.#flags[index] ?? 0) & COVERED) !== 0;
  }

  /** Number of entries from the first on that the next mark may all cover (rule 22). */
  get coveredPrefix(): number {
    let index = 0;
    while (index < this.length && this.isCovered(index)) index++;
    return index;
  }

  noteHeader(uniqueIdKey: Uint8Array, headerDigest: Uint8Array): void {
    this.#headers.set(latin1(uniqueIdKey), headerDigest);
  }

  /** The header digest of the message last retrieved in this run under this unique-id; null if none was. */
  headerUnder(uniqueIdKey: Uint8Array): Uint8Array | null {
    return this.#headers.get(latin1(uniqueIdKey)) ?? null;
  }

  /** The entry whose unique-id has this key, also among those that the mark covers; null if there is none. */
  find(identity: Uint8Array): FoundEntry | null {
    const { listing, uniqueIds } = this.#readWhole();
    const place = uniqueIds.find(identity);
    if (place < 0) return null;
    const index = listing === this.listing ? place : place - this.listing.start.count;
    return {
      usable: this.#uniqueIdsTrusted && uniqueIds.isAlone(place),
      octets: listing.octets(place),
      // An entry that the mark covers was settled with these octets, whatever another run has written since.
      confirmed: index < 0 || ((this.#flags[index] ?? 0) & CONFIRMED) !== 0,
      correctedTo: this.#corrected.get(index) ?? null,
    };
  }

  #readWhole(): { readonly listing: Listing; readonly uniqueIds: UniqueIds } {
    if (this.#whole === null) {
      const isWhole = this.listing.start.count === 0;
      const listing = isWhole ? this.listing : new Listing(this.listing.raw);
      this.#whole = { listing, uniqueIds: isWhole ? this.uniqueIds : new UniqueIds(listing) };
    }
    return this.#whole;
  }
}
