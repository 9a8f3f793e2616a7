import { decodeWords, type HeaderLabel } from "@mailonce/core/message";
import { type AddressToken, addressTokens } from "./address-tokens.ts";

/** One entry of a field that lists addresses. */
export interface Mailbox {
  /** The display name, decoded; null if there is none. */
  readonly name: string | null;
  /** As it is written, without white space, comments and the route before it; null if there is only a name. */
  readonly address: string | null;
  /** The name of the group that it stands in (RFC 5322 section 3.4); null if it stands in none. */
  readonly group: string | null;
}

/** What stands in an entry beside its address. */
type Phrase = readonly AddressToken[];

/** `Doe, John, Ph.D. <joe@example.org>`: a name without quotation marks has no more commas than this. */
const MOST_COMMAS = 3;

/**
 * Reads a field of addresses (RFC 5322 sections 3.4 and 4.4) and also what programs write that is none: names with commas,
 * dots or `@` without quotation marks, brackets that are missing or never closed, semicolons for commas, names that are
 * encoded with their commas and addresses. Takes time in proportion to the text.
 * @param text the field with its encoded words as they stand
 */
export function* readAddressList(text: string, label: HeaderLabel): Generator<Mailbox> {
  for (const mailbox of new AddressList(text, label).read()) {
    const inner = mailbox.address === null && mailbox.name?.includes("@") ? mailbox.name : null;
    const found = inner === null ? [] : [...new AddressList(inner, label).read()];
    // Some programs encode a name together with its address.
    if (found.length > 0 && found.every(({ address }) => address?.includes("@")))
      for (const one of found) yield { ...one, group: mailbox.group };
    else yield mailbox;
  }
}

/** An entry that has not ended yet. */
interface Entry {
  /** What stands before the address in brackets. */
  readonly before: AddressToken[];
  /** The address in brackets; null if none was there yet. */
  address: string | null;
  readonly after: AddressToken[];
  /** There is an `@` before the brackets. */
  hasAt: boolean;
  /** There are brackets without an address in them, so that what stands before them is a name. */
  isName: boolean;
}

function emptyEntry(before: AddressToken[] = []): Entry {
  return { before, address: null, after: [], hasAt: before.some(hasAt), isName: false };
}

class AddressList {
  readonly #text: string;
  readonly #label: HeaderLabel;
  #entry = emptyEntry();
  /** Entries without an address, each before a comma: they may be the beginning of the next one's name. */
  #held: Phrase[] = [];
  #group: string | null = null;

  constructor(text: string, label: HeaderLabel) {
    this.#text = text;
    this.#label = label;
  }

  *read(): Generator<Mailbox> {
    for (const token of addressTokens(this.#text)) {
      if (token.kind === "comma") yield* this.#endEntry(true);
      else if (token.kind === "semicolon") {
        yield* this.#endEntry(false);
        this.#group = null;
      } else if (token.kind === "colon") yield* this.#colon(token);
      else if (token.kind === "angle") yield* this.#angle(token);
      else this.#add(token);
    }
    yield* this.#endEntry(false);
  }

  #add(token: AddressToken): void {
    (this.#entry.address === null ? this.#entry.before : this.#entry.after).push(token);
    if (hasAt(token)) this.#entry.hasAt = true;
  }

  /** After a name a colon begins a group; in an address, and in a name that an address precedes, it is a character. */
  *#colon(token: AddressToken): Generator<Mailbox> {
    const { before, address, hasAt: isNoName } = this.#entry;
    if (before.length === 0) return;
    if (address !== null || isNoName) {
      this.#add(token);
      return;
    }
    const name = this.#nameOf(before);
    this.#entry = emptyEntry();
    if (name?.toLowerCase() === "mailto") return;
    yield* this.#release();
    this.#group = name;
  }

  *#angle(token: AddressToken): Generator<Mailbox> {
    const written = token.value.includes("=?") ? decodeWords(token.value, this.#label) : token.value;
    const address = bracketed(written);
    if (address === null) {
      this.#entry.isName = true;
      if (/[^\s:;]/.test(written) && !EMPTY_GROUP.test(written)) this.#add({ ...token, kind: "quoted" });
      return;
    }
    if (this.#entry.address !== null) {
      // The comma before this one is missing.
      const next = this.#entry.after.splice(0);
      yield* this.#endEntry(false);
      this.#entry = emptyEntry(next);
    }
    this.#entry.address = address;
  }

  /** Ends an entry, at a comma or at what leaves no doubt that the next one is another. */
  *#endEntry(atComma: boolean): Generator<Mailbox> {
    const { before, after, address, ...entry } = this.#entry;
    this.#entry = emptyEntry();
    if (address !== null) {
      if (before.length === 0) yield* this.#release();
      const beginning = this.#held.flatMap((phrase) => [...phrase, COMMA]);
      this.#held = [];
      yield this.#mailbox([...beginning, ...before, ...after], address);
    } else if (before.length === 0) {
      if (!atComma) yield* this.#release();
    } else if (atComma && !entry.hasAt && !entry.isName) {
      this.#held.push(before);
      if (this.#held.length > MOST_COMMAS) yield* this.#bare(this.#held.shift() ?? []);
    } else {
      yield* this.#release();
      if (entry.isName) yield this.#mailbox(before, null);
      else yield* this.#bare(before);
    }
  }

  /** Gives what was held back: it is no beginning of another name. */
  *#release(): Generator<Mailbox> {
    const held = this.#held;
    this.#held = [];
    for (const phrase of held) yield* this.#bare(phrase);
  }

  /** An entry without brackets. */
  *#bare(phrase: Phrase): Generator<Mailbox> {
    const words = phrase.filter(({ kind }) => kind !== "comment");
    const addresses = words.filter(isAddress);
    if (addresses.length > 1 && addresses.length === words.length) {
      for (const { raw } of addresses) yield this.#mailbox([], raw);
      return;
    }
    const address = addresses.at(-1);
    if (address !== undefined) {
      yield this.#mailbox(
        phrase.filter((token) => token !== address),
        address.raw,
      );
      return;
    }
    const spaced = words.some(hasAt) ? withoutBlanks(words) : null;
    const comments = phrase.filter(({ kind }) => kind === "comment");
    if (spaced !== null) yield this.#mailbox(comments, spaced);
    // A user of the server itself, as `root`; several words are a name.
    else if (words.length === 1 && words[0]?.kind === "word" && !words[0].raw.includes("=?"))
      yield this.#mailbox(comments, words[0].raw);
    else yield this.#mailbox(phrase, null);
  }

  #mailbox(phrase: Phrase, address: string | null): Mailbox {
    return { name: this.#nameOf(phrase), address, group: this.#group };
  }

  /** Comments are a part of a name, and the name where there is nothing else. */
  #nameOf(phrase: Phrase): string | null {
    const isName = phrase.some(({ kind }) => kind !== "comment" && kind !== "comma");
    let name = "";
    for (const { kind, value } of phrase) {
      const shown = kind === "comment" && isName ? `(${value})` : value;
      name += name === "" || kind === "comma" || kind === "colon" ? shown : ` ${shown}`;
    }
    return decodeWords(name, this.#label).replace(/\s+/g, " ").trim() || null;
  }
}

/** `<undisclosed-recipients:;>` */
const EMPTY_GROUP = /:\s?;?$/;
const COMMA: AddressToken = { kind: "comma", raw: ",", value: "," };

function hasAt({ kind, raw }: AddressToken): boolean {
  return kind === "word" && raw.includes("@");
}

/** A word with something on both sides of its last `@`. */
function isAddress({ kind, raw }: AddressToken): boolean {
  const at = raw.lastIndexOf("@");
  return kind === "word" && at > 0 && at < raw.length - 1 && !raw.startsWith("@");
}

/** `joe @ example . org` (RFC 5322 section 4.4); null if that makes no address. */
function withoutBlanks(words: Phrase): string | null {
  const text = words.map(({ raw }) => raw).join(" ");
  const joined = text.replace(/ ?@ ?/g, "@").replace(/ ?\. ?/g, ".");
  return joined.includes(" ") || !isAddress({ kind: "word", raw: joined, value: joined }) ? null : joined;
}

/** The address in brackets, without its route (RFC 5322 section 4.4), comments and blanks; null if it is none. */
function bracketed(content: string): string | null {
  const bare = (content.startsWith('"') ? content : content.replace(/\([^()]*\)/g, ""))
    .replace(/^\s*mailto:/i, "")
    .trim();
  const address =
    bare.startsWith("@") && bare.includes(":") ? bare.slice(bare.indexOf(":") + 1).trim() : bare;
  if (address === "" || EMPTY_GROUP.test(address)) return null;
  if (!/\s/.test(address) || address.startsWith('"')) return address;
  return address.includes("@") ? address.replace(/\s+/g, "") : null;
}
