import { shownLines } from "./text.ts";

/** A language that the server can speak (RFC 6856 section 3.2). */
export interface Language {
  /** RFC 5646, such as `de` or `en-GB`. */
  readonly tag: string;
  /** Its name, in itself; may be empty. */
  readonly name: string;
}

/** Reads the un-stuffed body of the reply to LANG; lines without a tag are left out. */
export function parseLanguages(body: Uint8Array): Language[] {
  return shownLines(body).flatMap((line) => {
    const [, tag, name = ""] = /^(\S+)[ \t]*(.*)$/.exec(line) ?? [];
    return tag === undefined ? [] : [{ tag, name }];
  });
}
