import type { Status } from "./status.ts";
import type { Verb } from "./verbs.ts";

/** Where in what has arrived the text of a status line stands. */
export interface TextPlace {
  readonly octets: Buffer;
  readonly start: number;
  readonly end: number;
}

/** A status line; `more`: a multi-line reply follows. */
export class StatusLine implements Status {
  readonly kind = "status";
  readonly verb: Verb;
  readonly ok: boolean;
  readonly responseCode: string | null;
  readonly more: boolean;
  readonly #text: string | TextPlace;

  /** `text` as it stands in what has arrived is decoded when it is asked for: of thousands of messages it never is. */
  constructor(verb: Verb, ok: boolean, responseCode: string | null, more: boolean, text: string | TextPlace) {
    this.verb = verb;
    this.ok = ok;
    this.responseCode = responseCode;
    this.more = more;
    this.#text = text;
  }

  get statusText(): string {
    const text = this.#text;
    return typeof text === "string" ? text : text.octets.toString("utf8", text.start, text.end).trimStart();
  }
}

/** A challenge (RFC 5034 section 4), in base64. */
export interface Challenge {
  readonly kind: "challenge";
  readonly base64: string;
}

export type Reply = StatusLine | Challenge;
