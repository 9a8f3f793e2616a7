import { searchable } from "../criteria/pattern.ts";
import { type AddressFound, findAddresses } from "../words/addresses.ts";
import { cutWords, type Word } from "../words/cut.ts";

const NOT_ASCII = /[^\0-\x7f]/;

/** A text that is searched, perhaps for several things: it is cut into words when they are first asked for, and once. */
export class SearchedText {
  readonly text: string;
  #words: readonly Word[] | null = null;
  #addresses: readonly AddressFound[] | null = null;
  #lower: string | null | undefined;
  #searchable: string | null = null;

  constructor(text: string) {
    this.text = text;
  }

  /** The words in their order. */
  words(): readonly Word[] {
    this.#words ??= [...cutWords(this.text)];
    return this.#words;
  }

  addresses(): readonly AddressFound[] {
    this.#addresses ??= [...findAddresses(this.text)];
    return this.#addresses;
  }

  /** As regular expressions and field patterns want it. */
  searchable(): string {
    this.#searchable ??= searchable(this.text);
    return this.#searchable;
  }

  /** False only if no word of the text contains this folded text, which is told without cutting the text into words. */
  mayContain(folded: string): boolean {
    if (this.#lower === undefined) this.#lower = NOT_ASCII.test(this.text) ? null : this.text.toLowerCase();
    return this.#lower === null || this.#lower.includes(folded);
  }
}
