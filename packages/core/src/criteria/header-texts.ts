import { readDate } from "../date.ts";
import { decodeField } from "../header.ts";
import type { FieldNames } from "./field-names.ts";
import { searchable } from "./pattern.ts";

/** Of a header block the first so many octets are looked at, */
const MAX_BLOCK = 256 * 1024;
/** and of all fields of one name so many, */
const MAX_FIELD_OCTETS = 32 * 1024;
/** where each counts for at least so many. */
const MIN_FIELD_OCTETS = 64;

/** The fields of one header block that a query asks for. Each is decoded when it is first asked for. */
export class HeaderTexts {
  readonly #values = new Map<string, Uint8Array[]>();
  readonly #texts = new Map<string, readonly string[]>();

  constructor(block: Uint8Array, names: FieldNames) {
    const left = new Map<string, number>();
    for (const { name, value } of names.fieldsOf(block.subarray(0, MAX_BLOCK))) {
      const room = left.get(name) ?? MAX_FIELD_OCTETS;
      if (room <= 0) continue;
      left.set(name, room - Math.max(value.length, MIN_FIELD_OCTETS));
      const values = this.#values.get(name);
      if (values === undefined) this.#values.set(name, [value.subarray(0, room)]);
      else values.push(value.subarray(0, room));
    }
  }

  /** True if there is a field of this name, whatever is in it. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The texts of all fields of this name, in order, as patterns see them. */
  texts(name: string): readonly string[] {
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    const texts = (this.#values.get(name) ?? []).map((value) => searchable(decodeField(value) ?? ""));
    this.#texts.set(name, texts);
    return texts;
  }

  /** The moments in all Date fields, in milliseconds; fields that hold none are left out. */
  dates(): readonly number[] {
    return this.texts("date").flatMap((text) => readDate(text)?.getTime() ?? []);
  }
}
