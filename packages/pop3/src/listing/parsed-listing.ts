import type { Pop3Error } from "../errors/error.ts";
import { LimitExceededError, MalformedReplyError } from "../errors/reply.ts";
import type { Command } from "../protocol/command.ts";
import { LineSplitter } from "../protocol/line-splitter.ts";
import { isBlankLine, type ParseLine } from "../protocol/listing.ts";
import { ask } from "../session/exchange.ts";
import type { Session } from "../session/pop3-session.ts";
import { end, SerialIterator, type Step } from "../session/serial-iterator.ts";

/**
 * A listing line by line, as the lines arrive. Malformed ones are counted and reported by MalformedReplyError after
 * the last, when the session is in step. Leaving early reads the rest and throws it away.
 */
export class ParsedListing<Line> extends SerialIterator<Line> {
  readonly #session: Session;
  readonly #asked: Command;
  readonly #parse: ParseLine<Line>;
  readonly #lines: LineSplitter;
  #state: "new" | "flowing" | "over" = "new";
  #count = 0;
  #malformed = 0;
  #firstMalformed: Uint8Array = new Uint8Array();

  constructor(session: Session, asked: Command, parse: ParseLine<Line>) {
    super();
    this.#session = session;
    this.#asked = asked;
    this.#parse = parse;
    this.#lines = new LineSplitter(session.limits.listingLineOctets);
  }

  protected step(): Step<Line> | Promise<Step<Line>> {
    return this.#nextLine() ?? this.#slowStep();
  }

  protected async leave(): Promise<void> {
    if (this.#state === "new") return;
    const { usable } = this.#session;
    try {
      // Even if the session has ended: octets that had arrived before must not be taken for the next reply.
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
      this.#lines.feed(octets);
      const first = this.#nextLine();
      if (first !== null) return first;
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
    const octets = await this.#session.replies.readData();
    if (octets === null) this.#state = "over";
    return octets;
  }

  #tooMany(): Pop3Error {
    return this.#session.end(
      new LimitExceededError("listingLines", this.#session.limits.listingLines, false, "lines"),
    );
  }

  /** The next line of what has arrived, or null. */
  #nextLine(): Step<Line> | null {
    const lines = this.#lines;
    while (lines.next()) {
      if (++this.#count > this.#session.limits.listingLines) throw this.#tooMany();
      if (isBlankLine(lines.octets, lines.start, lines.end)) continue;
      const value = lines.cut ? null : this.#parse(lines.octets, lines.start, lines.end);
      if (value !== null) return { done: false, value };
      if (this.#malformed++ === 0)
        this.#firstMalformed = Uint8Array.prototype.slice.call(lines.octets, lines.start, lines.end);
    }
    return null;
  }
}
