import {
  type ExchangeOptions,
  type HeaderReply,
  type ListingPart,
  type MaildropSession,
  type Refusal,
  type RetrPart,
  type RetrRequest,
  ServerError,
} from "../../src/index.ts";
import type { Flap } from "./history.ts";
import { ONE_HEADER_FOR_ALL } from "./mail.ts";
import type { Item, Listed, Server } from "./server.ts";
import type { Steps } from "./steps.ts";

/** How many octets a forged end leaves out: more than a late LIST may be wrong by, so that it can be noticed. */
const FORGED_OCTETS = 20;

/** Is told what happens in sessions. */
export interface SessionWatch {
  listed(session: ModelSession): void;
  retrieving(session: ModelSession, item: Item): void;
  /** Called at QUIT, before the server marks or hides messages. */
  quitting(session: ModelSession): void;
}

/** One session on the modelled maildrop. It lists the maildrop as it was when the session began. */
export class ModelSession implements MaildropSession {
  readonly utf8 = false;
  readonly pipelining: boolean;
  readonly flap: Flap;
  listing: readonly Listed[] = [];
  /** The messages for which RETR was sent. */
  readonly retrieved = new Set<Item>();
  /** The commands that were sent, in order. */
  readonly commands: string[] = [];
  hasQuit = false;
  readonly #server: Server;
  readonly #steps: Steps;
  readonly #watch: SessionWatch;
  #open = true;
  /** True once a message has forged the end of its own reply: what follows is text of the message. */
  #forged = false;

  constructor(server: Server, flap: Flap, steps: Steps, watch: SessionWatch) {
    this.#server = server;
    this.flap = flap;
    this.#steps = steps;
    this.#watch = watch;
    this.pipelining = server.habits.pipelining;
  }

  /** True if the server gives unique-ids in this session. */
  get hasIds(): boolean {
    return this.#server.habits.ids !== "none" && this.flap !== "no-uidl";
  }

  async *listings(): AsyncGenerator<ListingPart> {
    await this.#say("STAT UIDL LIST");
    this.listing = this.#server.list(this.flap);
    this.#watch.listed(this);
    const idLines = this.listing.map(({ uniqueId }, at) => `${at + 1} ${uniqueId}\r\n`);
    if (this.flap === "uidl-gap") idLines.splice(0, 1);
    const octetLines = this.listing.map(({ octets }, at) =>
      octets === null ? "" : `${at + 1} ${octets}\r\n`,
    );
    const octets = this.listing.reduce((sum, listed) => sum + (listed.octets ?? 0), 0);
    const uidl: ListingPart = this.hasIds
      ? { kind: "uidl", octets: Buffer.from(idLines.join("")) }
      : { kind: "no-uidl" };
    await this.#steps.step();
    yield { kind: "stat", count: this.listing.length, octets };
    yield uidl;
    yield { kind: "list", octets: Buffer.from(octetLines.join("")) };
  }

  async uidlOne(messageNumber: number): Promise<Uint8Array | null> {
    await this.#say(`UIDL ${messageNumber}`);
    const listed = this.listing[messageNumber - 1];
    return listed === undefined || listed.item.gone || !this.hasIds ? null : Buffer.from(listed.uniqueId);
  }

  async *topMany(
    numbers: Iterable<number>,
    { pipelining }: ExchangeOptions,
  ): AsyncGenerator<readonly HeaderReply[]> {
    let forged = false;
    for (const messageNumber of numbers) {
      await this.#say(`TOP ${messageNumber} 0`);
      const item = this.listing[messageNumber - 1]?.item;
      const { top } = this.#server.habits;
      if (forged) {
        yield [{ kind: "header", messageNumber, header: ONE_HEADER_FOR_ALL }];
        continue;
      }
      if (item === undefined || item.gone || top === "refused") yield [refused(messageNumber)];
      else if (top === "lies") yield [{ kind: "header", messageNumber, header: ONE_HEADER_FOR_ALL }];
      else if (item.fault === "forge") {
        // It ends its own reply at once. Where commands are pipelined its rest answers those that follow.
        forged = pipelining;
        this.#forged = !pipelining;
        yield [{ kind: "header", messageNumber, header: new Uint8Array(0) }];
      } else yield [{ kind: "header", messageNumber, header: headerOf(item) }];
    }
    this.#forged ||= forged;
  }

  async *retrMany(
    requests: Iterable<RetrRequest>,
    { pipelining }: ExchangeOptions,
  ): AsyncGenerator<RetrPart> {
    if (!pipelining)
      for (const { messageNumber } of requests) {
        await this.#say(`RETR ${messageNumber}`);
        yield* this.#parts(messageNumber, this.#listed(messageNumber));
      }
    else {
      const window = [...requests].map(({ messageNumber }) => messageNumber);
      await this.#say(`RETR ${window.join(" ")}`);
      // Where a reply is left out all that follow move up, and those at the end are missing.
      const answered = window.filter((messageNumber) => this.#listed(messageNumber)?.fault !== "leave out");
      for (const [at, messageNumber] of window.entries()) {
        const answer = answered[at];
        if (answer === undefined) throw broken();
        const isShifted = answer !== messageNumber;
        for await (const part of this.#parts(messageNumber, this.#listed(answer), isShifted)) {
          // What is sent behind the replies is never answered as itself then.
          if (isShifted && part.kind === "block") continue;
          yield part;
        }
        await this.#steps.step();
      }
    }
  }

  async noop(): Promise<void> {
    await this.#say("NOOP");
  }

  async quit(): Promise<void> {
    await this.#say("QUIT");
    this.#watch.quitting(this);
    this.hasQuit = true;
    this.#open = false;
    this.#server.update(this.retrieved);
    await this.#steps.step();
  }

  close(): void {
    this.commands.push("close");
    this.#open = false;
  }

  /** The parts of one reply. Every other message comes as a stream, which the next block confirms, as large ones do. */
  async *#parts(messageNumber: number, item: Item | undefined, isShifted = false): AsyncGenerator<RetrPart> {
    if (item === undefined || item.gone || item.fault === "refused") {
      yield { kind: "block", replies: [refused(messageNumber)] };
      return;
    }
    if (item.fault === "kill") await this.#steps.crash();
    this.#watch.retrieving(this, item);
    this.retrieved.add(item);
    if (messageNumber % 2 === 0 || isShifted) {
      yield { kind: "stream", messageNumber, content: this.#content(item) };
      if (!this.#open) throw broken();
      yield { kind: "block", replies: [] };
      return;
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.#content(item)) chunks.push(chunk);
    yield { kind: "block", replies: [{ kind: "message", messageNumber, octets: Buffer.concat(chunks) }] };
  }

  #listed(messageNumber: number): Item | undefined {
    return this.listing[messageNumber - 1]?.item;
  }

  async *#content(item: Item): AsyncGenerator<Uint8Array> {
    const octets = item.marked ? item.mail.marked : item.mail.plain;
    const middle = octets.length >> 1;
    if (this.#forged) {
      yield Buffer.from("Subject: forged\r\n\r\n".padEnd(octets.length, "."));
      return;
    }
    yield octets.subarray(0, middle);
    if (item.fault === "cut") {
      this.close();
      throw broken();
    }
    if (item.fault === "forge") this.#forged = true;
    yield octets.subarray(middle, item.fault === "forge" ? octets.length - FORGED_OCTETS : octets.length);
  }

  async #say(command: string): Promise<void> {
    this.commands.push(command);
    await this.#steps.step();
    if (!this.#open || this.#forged) throw broken();
  }
}

function headerOf({ mail, marked }: Item): Uint8Array {
  const octets = marked ? mail.marked : mail.plain;
  return octets.subarray(0, Buffer.from(octets).indexOf("\r\n\r\n") + 4);
}

function broken(): ServerError {
  return new ServerError("connection-broken", "the connection broke");
}

function refused(messageNumber: number): { kind: "refused"; messageNumber: number; refusal: Refusal } {
  return { kind: "refused", messageNumber, refusal: { responseCode: null, text: "no" } };
}
