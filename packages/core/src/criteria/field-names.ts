import { fieldStart, type HeaderField, nextField, nextLine } from "../header.ts";
import { latin1 } from "../octets.ts";

/** Names of header fields in lower case, to find their fields in many headers: what else is there costs next to nothing. */
export class FieldNames {
  readonly #start: RegExp | null;

  constructor(names: ReadonlySet<string>) {
    this.#start = names.size === 0 ? null : fieldStart(names);
  }

  /** The fields of these names in a header block, in order, as `headerFields` gives them. */
  fieldsOf(block: Uint8Array): readonly HeaderField[] {
    const fields: HeaderField[] = [];
    const pattern = this.#start;
    if (pattern === null) return fields;
    const text = latin1(block);
    for (let start = 0; start < text.length; ) {
      pattern.lastIndex = start;
      const name = pattern.exec(text)?.[1]?.toLowerCase();
      if (name === undefined) start = nextLine(text, start);
      else {
        start = nextField(text, start);
        const end = text[start - 1] === "\n" ? start - 1 : start;
        fields.push({ name, value: block.subarray(pattern.lastIndex, end) });
      }
    }
    return fields;
  }
}
