import { type Status, withoutBlanks } from "./status.ts";
import { shownText } from "./text.ts";
import type { Verb } from "./verbs.ts";

/** Where the text of a status line stands in what has arrived. */
export interface TextPlace {
  readonly octets: Buffer;
  readonly start: number;
  readonly end: number;
}

/** What a status line says after `+OK` or `-ERR`. */
export type StatusText = Pick<Status, "statusText" | "statusOctets">;

/** A status line. `more` tells whether the rest of a multi-line reply follows. */
export class StatusLine implements Status {
  readonly kind = "status";
  readonly verb: Verb;
  readonly ok: boolean;
  readonly responseCode: string | null;
  readonly more: boolean;
  readonly #text: StatusText | TextPlace;

  /** Given a TextPlace, the text is decoded when it is asked for, which for thousands of messages it never is. */
  constructor(
    verb: Verb,
    ok: boolean,
    responseCode: string | null,
    more: boolean,
    text: StatusText | TextPlace,
  ) {
    this.verb = verb;
    this.ok = ok;
    this.responseCode = responseCode;
    this.more = more;
    this.#text = text;
  }

  get statusText(): string {
    return "statusText" in this.#text ? this.#text.statusText : shownText(this.statusOctets);
  }

  get statusOctets(): Uint8Array {
    const text = this.#text;
    return "statusText" in text ? text.statusOctets : withoutBlanks(text.octets, text.start, text.end);
  }
}

/** A challenge (RFC 5034 section 4), in base64. */
export interface Challenge {
  readonly kind: "challenge";
  readonly base64: string;
}

export type Reply = StatusLine | Challenge;
