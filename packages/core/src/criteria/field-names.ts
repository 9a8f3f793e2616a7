import { fieldStart, nextField, nextLine } from "../message/header-fields.ts";

/** A header field, and where its value begins and ends in the block: after the colon, and before the line end. */
export interface FieldPlace {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Finds the fields of some names (in lower case) in header blocks, and passes over all other fields quickly. */
export class FieldNames {
  readonly #start: RegExp | null;
  /** 1 for each octet with which one of the names begins. */
  readonly #initials = new Uint8Array(256);

  constructor(names: ReadonlySet<string>) {
    this.#start = names.size === 0 ? null : fieldStart(names);
    for (const name of names)
      for (const initial of [name.toLowerCase(), name.toUpperCase()])
        this.#initials[initial.charCodeAt(0)] = 1;
  }

  /** The fields of these names in a header block (as ISO 8859-1), in order; the same that `headerFields` would give. */
  placesIn(text: string): readonly FieldPlace[] {
    const places: FieldPlace[] = [];
    const pattern = this.#start;
    if (pattern === null) return places;
    for (let start = 0; start < text.length; ) {
      pattern.lastIndex = start;
      const name = this.#initials[text.charCodeAt(start)] === 1 ? pattern.exec(text)?.[1] : undefined;
      if (name === undefined) start = nextLine(text, start);
      else {
        start = nextField(text, start);
        const end = text[start - 1] === "\n" ? start - 1 : start;
        places.push({ name: name.toLowerCase(), start: pattern.lastIndex, end });
      }
    }
    return places;
  }
}
