import { labelOf } from "../message/block-label.ts";
import { readDate } from "../message/date.ts";
import { fieldText } from "../message/field.ts";
import { latin1 } from "../message/octets.ts";
import { receivedDate } from "../message/received-date.ts";
import type { FieldNames, FieldPlace } from "./field-names.ts";
import { searchable } from "./pattern.ts";

/** How many octets of a header block are read, from its beginning on. */
const MAX_BLOCK = 256 * 1024;
/** How many octets are read of all fields of one name together, */
const MAX_FIELD_OCTETS = 32 * 1024;
/** where a shorter field counts as this many octets, which bounds the number of fields. */
const MIN_FIELD_OCTETS = 64;

/** The fields of one header block that a query reads. A field is decoded when it is first asked for. */
export class HeaderTexts {
  /** The header block as ISO 8859-1. Parts in ASCII need no further decoding. */
  readonly #text: string;
  readonly #places = new Map<string, FieldPlace[]>();
  readonly #texts = new Map<string, readonly string[]>();
  readonly #label: () => string | null;

  constructor(block: Uint8Array, names: FieldNames) {
    this.#text = latin1(block.length > MAX_BLOCK ? block.subarray(0, MAX_BLOCK) : block);
    this.#label = labelOf(this.#text);
    const left = new Map<string, number>();
    for (const place of names.placesIn(this.#text)) {
      const { name, start, end } = place;
      const room = left.get(name) ?? MAX_FIELD_OCTETS;
      if (room <= 0) continue;
      left.set(name, room - Math.max(end - start, MIN_FIELD_OCTETS));
      const looked = end - start > room ? { name, start, end: start + room } : place;
      const places = this.#places.get(name);
      if (places === undefined) this.#places.set(name, [looked]);
      else places.push(looked);
    }
  }

  /** True if there is a field of this name, even an empty one. */
  has(name: string): boolean {
    return this.#places.has(name);
  }

  /** The texts of all fields of this name, in order, ready to be searched ({@link searchable}). */
  texts(name: string): readonly string[] {
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    const texts = (this.#places.get(name) ?? []).map(({ start, end }) =>
      searchable(fieldText(this.#text.slice(start, end), this.#label) ?? ""),
    );
    this.#texts.set(name, texts);
    return texts;
  }

  /**
   * The dates of all Date fields, in milliseconds since 1970 UTC. If none of them holds a date, that of the topmost
   * Received field with a date: the same that is stored with the message.
   */
  dates(): readonly number[] {
    const stated = this.texts("date").flatMap((text) => readDate(text)?.moment.getTime() ?? []);
    const received = stated.length > 0 ? null : receivedDate(this.#text);
    return received === null ? stated : [received.moment.getTime()];
  }
}
