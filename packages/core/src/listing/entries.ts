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

/** The row of the entry is right, whatever octets another run writes to it. */
const CONFIRMED = 1;
/** The entry is settled under its own unique-id: the next mark may cover it (rule 22). */
const COVERED = 2;

/** A listed entry, as other entries' settling needs to see it. */
export interface FoundEntry {
  readonly usable: boolean;
  readonly octets: number | null;
  readonly confirmed: boolean;
  /** The message that the entry turned out to be although its row says something else, null if there is none. */
  readonly correctedTo: string | null;
}

/**
 * The one table of a run: where each entry of the listing stands and what was found out about it, in columns, because
 * there may be a million. Detection makes it; from then on an entry changes by {@link move} alone.
 */
export class Entries {
  readonly listing: Listing;
  readonly uniqueIds: UniqueIds;
  readonly #uniqueIdsTrusted: boolean;
  readonly #states: Uint8Array;
  readonly #flags: Uint8Array;
  /** How many entries are in each state. */
  readonly #counts = new Float64Array(ENTRY_STATES.length);
  readonly #corrected = new Map<number, string>();
  /** The header digest of what was retrieved under a unique-id that is not usable, by its key. */
  readonly #headers = new Map<string, Uint8Array>();
  /** All that the server lists, where `listing` is only what a mark does not cover; read when it is first asked for. */
  #whole: { readonly listing: Listing; readonly uniqueIds: UniqueIds } | null = null;

  /** @param states the number of each entry's state; the table's own from now on */
  constructor(uniqueIds: UniqueIds, uniqueIdsTrusted: boolean, states: Uint8Array) {
    this.listing = uniqueIds.listing;
    this.uniqueIds = uniqueIds;
    this.#uniqueIdsTrusted = uniqueIdsTrusted;
    this.#states = states;
    this.#flags = new Uint8Array(states.length);
    // What a mark covers is known, and not in the table.
    this.#counts[STATE_CODES.known] = this.listing.start.count;
    for (let index = 0; index < states.length; index++) {
      const state = states[index] ?? 0;
      this.#counts[state] = (this.#counts[state] ?? 0) + 1;
      if (state === STATE_CODES.known) this.#flags[index] = CONFIRMED | COVERED;
    }
  }

  /** Number of entries in the table. */
  get length(): number {
    return this.#states.length;
  }

  state(index: number): EntryState {
    return ENTRY_STATES[this.#states[index] ?? 0] ?? "known";
  }

  /** From now on the entry stands there. Throws if it cannot get there from where it stands. */
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

  /** How many listed messages a summary counts as this. */
  count(as: CountedAs): number {
    return ENTRY_STATES.reduce(
      (sum, state, code) => (countedAs(state) === as ? sum + (this.#counts[code] ?? 0) : sum),
      0,
    );
  }

  /** The indexes of the entries in this state, in listing order. */
  in(state: EntryState): readonly number[] {
    const code = STATE_CODES[state];
    const indexes: number[] = [];
    for (let index = 0; this.#counts[code] !== indexes.length && index < this.length; index++)
      if (this.#states[index] === code) indexes.push(index);
    return indexes;
  }

  /** The row of this entry is right. */
  confirm(index: number): void {
    this.#flags[index] = (this.#flags[index] ?? 0) | CONFIRMED;
  }

  /** The entry is this message, although its own row says something else. */
  correct(index: number, messageId: string): void {
    this.#corrected.set(index, messageId);
  }

  isCorrected(index: number): boolean {
    return this.#corrected.has(index);
  }

  /** Whether the next mark may cover the entry. */
  cover(index: number, covered = true): void {
    const flags = this.#flags[index] ?? 0;
    this.#flags[index] = covered ? flags | COVERED : flags & ~COVERED;
  }

  isCovered(index: number): boolean {
    return ((this.#flags[index] ?? 0) & COVERED) !== 0;
  }

  /** How many entries from the first on the next mark may cover (rule 22). */
  get coveredPrefix(): number {
    let index = 0;
    while (index < this.length && this.isCovered(index)) index++;
    return index;
  }

  noteHeader(uniqueIdKey: Uint8Array, headerDigest: Uint8Array): void {
    this.#headers.set(latin1(uniqueIdKey), headerDigest);
  }

  /** The header digest that was retrieved last under this unique-id in this run, null if none was. */
  headerUnder(uniqueIdKey: Uint8Array): Uint8Array | null {
    return this.#headers.get(latin1(uniqueIdKey)) ?? null;
  }

  /** The entry of the whole listing whose unique-id has this key; null if there is none. */
  find(identity: Uint8Array): FoundEntry | null {
    const { listing, uniqueIds } = this.#readWhole();
    const place = uniqueIds.find(identity);
    if (place < 0) return null;
    const index = listing === this.listing ? place : place - this.listing.start.count;
    return {
      usable: this.#uniqueIdsTrusted && uniqueIds.isAlone(place),
      octets: listing.octets(place),
      // What the mark covers was settled with these octets, whatever another run has written since.
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
