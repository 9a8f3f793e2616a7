import type { Pop3Error } from "../errors/error.ts";
import type { Engine } from "../protocol/engine.ts";
import { Queue } from "../protocol/queue.ts";
import type { Reply, StatusLine } from "../protocol/reply.ts";
import type { Deadline, Deadlines } from "./deadline.ts";
import type { Meter } from "./diagnostics.ts";
import type { Pace } from "./receive-rate.ts";
import type { WireLog } from "./wire-log.ts";

/** For what a reader waits: the beginning of a reply, or octets of one (or of pipelined ones) that flows. */
type Awaited = "reply" | "idle";

/** What is left at the session's end: a reply or octets, and whether a multi-line reply goes on after it. */
interface Rest {
  readonly item: Reply | Uint8Array | null;
  readonly inBody: boolean;
}

/**
 * Reads what the server says, in the order of the commands, and also what had arrived when the session ended. One reader
 * at a time. A method that reads throws what has ended the session.
 *
 * What has arrived is given as it is: with thousands of small messages a promise for each step costs more than all
 * parsing. Callers await either.
 */
export class Replies {
  readonly #engine: Engine;
  readonly #meter: Meter;
  readonly #wire: WireLog;
  readonly #deadlines: Deadlines;
  readonly #pace: Pace;
  /** A reply that is read by itself, ahead of the next. */
  #ahead: Promise<void> | null = null;
  #reader: { readonly resolve: () => void; readonly reject: (error: Pop3Error) => void } | null = null;
  #failure: Pop3Error | null = null;
  /** What had arrived when the session ended, and was not read since. */
  #rest: Queue<Rest> | null = null;
  #restInBody: boolean = false;

  constructor(engine: Engine, meter: Meter, wire: WireLog, deadlines: Deadlines, pace: Pace) {
    this.#engine = engine;
    this.#meter = meter;
    this.#wire = wire;
    this.#deadlines = deadlines;
    this.#pace = pace;
  }

  /** The next status line if it is here. */
  takeStatus(): StatusLine | null {
    const reply = this.#ahead === null ? this.#takeReply() : undefined;
    return reply === undefined ? null : asStatus(reply);
  }

  /** The next status line. `flowing`: one of many that come without a pause. */
  async readStatus(flowing = false): Promise<StatusLine> {
    if (this.#ahead !== null) await this.#ahead;
    return asStatus(this.#takeReply() ?? (await this.#awaitReply(flowing ? "idle" : "reply")));
  }

  /** The next status line or challenge. */
  async readReply(): Promise<Reply> {
    return this.#takeReply() ?? this.#awaitReply("reply");
  }

  /** True while a multi-line reply has not been read to its end. */
  get inBody(): boolean {
    return this.#rest === null ? this.#engine.inBody : this.#restInBody;
  }

  /** The next octets of the multi-line reply, null: it has ended; undefined: nothing has arrived, `awaitData` is due. */
  takeData(): Uint8Array | null | undefined {
    if (this.#rest !== null)
      return this.#restInBody ? (this.#takeRest(this.#rest) as Uint8Array | null | undefined) : null;
    const octets = this.#engine.readData();
    if (!this.#engine.inBody) this.#bodyEnded();
    return octets;
  }

  /** What `takeData` gives, once it has arrived. */
  async awaitData(): Promise<Uint8Array | null> {
    const deadline = this.#waitFor("idle");
    const start = performance.now();
    const reply = this.#engine.answered;
    for (;;) {
      await this.#arrival();
      const octets = this.takeData();
      if (octets === undefined) continue;
      deadline.stop();
      if (this.inBody) this.#keepPace(reply, performance.now() - start);
      return octets;
    }
  }

  /** The multi-line reply whose status line was read last may have no more octets than this, or the session ends. */
  boundBody(name: string, octets: number): void {
    this.#engine.boundBody(name, octets);
  }

  /** After a wait of so many ms in the middle of a reply. Throws where its octets come too slowly. */
  #keepPace(reply: number, ms: number): void {
    const isFast = this.#pace.waited(reply, ms, this.#engine.octets);
    const passed = isFast ? this.#total() : this.#deadlines.rate;
    if (isFast && this.#pace.replyMs <= (passed?.ms ?? Infinity)) return;
    passed?.pass();
    if (this.#failure !== null) throw this.#failure;
  }

  /** What all waiting for the rest of a reply is bound by; null: nothing but the rate, since messages may be large. */
  #total(): Deadline | null {
    const { framing, preLogin } = this.#engine;
    if (framing === "content") return null;
    return this.#deadlines[framing === "listing" ? "listing" : preLogin ? "preLogin" : "reply"];
  }

  /** The next octets of the multi-line reply, or null at its end. */
  readData(): Uint8Array | null | Promise<Uint8Array | null> {
    const octets = this.takeData();
    return octets === undefined ? this.awaitData() : octets;
  }

  /**
   * A reply is being read by itself: the next command may leave at once, its reply is read after that one. A
   * session that fails meanwhile tells it to the next call.
   */
  readingAhead(reading: Promise<void>): void {
    this.#ahead = reading
      .catch(() => undefined)
      .finally(() => {
        this.#ahead = null;
      });
  }

  /** When what is read ahead has been read: for a command that must not be in flight with others. */
  async readSoFar(): Promise<void> {
    await this.#ahead;
  }

  /** Octets have arrived. */
  push(octets: Uint8Array): void {
    this.#engine.receive(octets, performance.now());
    this.#reader?.resolve();
    this.#reader = null;
  }

  /** Nothing more comes: decodes what is here, which can still be read, so that it shows what stays unanswered. */
  end(): void {
    const rest = new Queue<Rest>();
    const { inBody } = this.#engine;
    try {
      for (;;) {
        const item = this.#engine.inBody ? this.takeData() : this.#takeReply();
        if (item === undefined) break;
        rest.push({ item, inBody: this.#engine.inBody });
      }
    } catch {
      // The session has been told.
    }
    this.#rest = rest;
    this.#restInBody = inBody;
  }

  /** The session has ended; nothing but what `end` has left can be read. */
  fail(error: Pop3Error): void {
    this.#failure = error;
    if (this.#rest === null) {
      this.#rest = new Queue();
      this.#restInBody = this.#engine.inBody;
    }
    this.#reader?.reject(error);
    this.#reader = null;
  }

  #takeRest(rest: Queue<Rest>): Reply | Uint8Array | null | undefined {
    const left = rest.shift();
    if (left === undefined) return undefined;
    this.#restInBody = left.inBody;
    return left.item;
  }

  /** Undefined: it has not arrived. */
  #takeReply(): Reply | undefined {
    if (this.#rest !== null) return this.#takeRest(this.#rest) as Reply | undefined;
    const reply = this.#engine.readReply();
    if (reply === undefined) return undefined;
    if (this.#wire.listening) this.#wire.reply(reply);
    if (this.#meter.listening) this.#meter.reply(reply, this.#engine.answered);
    if (this.#engine.unanswered === 0) this.#engine.readUnasked();
    return reply;
  }

  #bodyEnded(): void {
    if (this.#meter.listening) this.#meter.end(this.#engine.bodyOctets);
    if (this.#engine.unanswered === 0) this.#engine.readUnasked();
  }

  async #awaitReply(what: Awaited): Promise<Reply> {
    const deadline = this.#waitFor(what);
    for (;;) {
      await this.#arrival();
      const reply = this.#takeReply();
      if (reply === undefined) continue;
      deadline.stop();
      return reply;
    }
  }

  /** The clock runs only while somebody waits, so a slow consumer is not a slow server. It ends with the session, too. */
  #waitFor(what: Awaited): Deadline {
    if (this.#failure !== null) throw this.#failure;
    const deadline = this.#deadlines[this.#engine.preLogin ? "preLogin" : what];
    deadline.start();
    return deadline;
  }

  /** Resolves when something arrives; rejects with what ended the session. */
  #arrival(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) reject(this.#failure);
      else this.#reader = { resolve, reject };
    });
  }
}

function asStatus(reply: Reply): StatusLine {
  if (reply.kind !== "status") throw new Error("out of step: a challenge in place of a status line");
  return reply;
}
