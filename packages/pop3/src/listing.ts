import { MalformedReplyError } from "./errors/reply.ts";
import { ask } from "./exchange.ts";
import type { Command } from "./protocol/command.ts";
import { type LinePlace, LineSplitter } from "./protocol/listing.ts";
import type { Session } from "./session.ts";
import { end, type Step, Steps } from "./steps.ts";

/**
 * The lines of a listing as they come. Malformed ones are counted and reported by MalformedReplyError after
 * the last, when the session is in step. Leaving early reads the rest and throws it away.
 */
export class Listing<Line> extends Steps<Line> {
  readonly #session: Session;
  readonly #asked: Command;
  readonly #parse: (place: LinePlace) => Line | null;
  readonly #splitter: LineSplitter;
  /** Those of the last octets that came. */
  #lines: Step<Line>[] = [];
  #given = 0;
  #state: "new" | "flowing" | "over" = "new";
  #malformed = 0;
  #firstMalformed: Uint8Array = new Uint8Array();

  constructor(session: Session, asked: Command, parse: (place: LinePlace) => Line | null) {
    super();
    this.#session = session;
    this.#asked = asked;
    this.#parse = parse;
    this.#splitter = new LineSplitter(session.limits.listingLineOctets);
  }

  protected step(): Step<Line> | Promise<Step<Line>> {
    return this.#lines[this.#given++] ?? this.#slowStep();
  }

  protected async leave(): Promise<void> {
    if (this.#state === "new") return;
    const { usable } = this.#session;
    try {
      // Also when the session has ended: what had arrived before must not be taken for the next reply.
      while (this.#state !== "over") await this.#read();
    } catch (error) {
      if (usable) throw error;
    } finally {
      this.#session.endStream();
    }
  }

  async #slowStep(): Promise<Step<Line>> {
    if (this.#state === "new") await this.#begin();
    for (let octets = await this.#read(); octets !== null; octets = await this.#read()) {
      this.#take(octets);
      const first = this.#lines[0];
      if (first !== undefined) return first;
    }
    if (this.#malformed === 0) return end;
    throw new MalformedReplyError(this.#asked.verb, this.#firstMalformed, this.#malformed);
  }

  #begin(): Promise<void> {
    return this.#session.exclusive(async () => {
      await ask(this.#session, this.#asked);
      this.#session.beginStream();
      this.#state = "flowing";
    });
  }

  async #read(): Promise<Uint8Array | null> {
    const octets = await this.#session.readData();
    if (octets === null) this.#state = "over";
    return octets;
  }

  #take(octets: Uint8Array): void {
    const lines: Step<Line>[] = [];
    this.#splitter.feed(octets);
    for (let place = this.#splitter.next(); place !== null; place = this.#splitter.next()) {
      const value = place.cut ? null : this.#parse(place);
      if (value !== null) lines.push({ done: false, value });
      else if (this.#malformed++ === 0)
        this.#firstMalformed = Uint8Array.prototype.slice.call(place.octets, place.start, place.end);
    }
    this.#lines = lines;
    this.#given = 1;
  }
}
