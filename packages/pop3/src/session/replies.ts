import type { Pop3Error } from "../errors/error.ts";
import type { Engine } from "../protocol/engine.ts";
import { Queue } from "../protocol/queue.ts";
import type { Reply, StatusLine } from "../protocol/reply.ts";
import type { Deadline, Deadlines } from "./deadline.ts";
import type { Meter } from "./diagnostics.ts";
import type { ReceiveRate } from "./receive-rate.ts";
import type { WireLog } from "./wire-log.ts";

/** What a reader waits for: `reply` is the first of what was asked, `idle` the rest of a reply or of pipelined replies. */
type Awaited = "reply" | "idle";

/** A wait for octets: its time limit, when it began, and how far the replies had been read then. */
interface Wait extends Pick<Engine, "answered" | "octets" | "inBody"> {
  readonly deadline: Deadline;
  readonly start: number;
}

/** Something that had arrived when the session ended: a reply, or octets of one, and whether a multi-line reply goes on. */
interface Rest {
  readonly item: Reply | Uint8Array | null;
  readonly inBody: boolean;
}

/**
 * Reads the replies of the server in the order of the commands. What had arrived when the session ended can still be read;
 * after that a method that reads throws the error that has ended the session. There is one reader at a time.
 *
 * Where something has arrived already, the methods give it without a promise, because with thousands of small messages a
 * promise for each step would cost more than all parsing.
 */
export class Replies {
  readonly #engine: Engine;
  readonly #meter: Meter;
  readonly #wire: WireLog;
  readonly #deadlines: Deadlines;
  readonly #rate: ReceiveRate;
  /** Resolves when the reply that is read in the background has been read; null: there is none. */
  #background: Promise<void> | null = null;
  #reader: { readonly resolve: () => void; readonly reject: (error: Pop3Error) => void } | null = null;
  #failure: Pop3Error | null = null;
  /** What had arrived when the session ended and was not read since; null: it has not ended. */
  #rest: Queue<Rest> | null = null;
  #restInBody: boolean = false;

  constructor(engine: Engine, meter: Meter, wire: WireLog, deadlines: Deadlines, rate: ReceiveRate) {
    this.#engine = engine;
    this.#meter = meter;
    this.#wire = wire;
    this.#deadlines = deadlines;
    this.#rate = rate;
  }

  /** The next status line if it has arrived, otherwise null. */
  takeStatus(): StatusLine | null {
    const reply = this.#background === null ? this.#takeReply() : undefined;
    return reply === undefined ? null : asStatus(reply);
  }

  /** The next status line. `flowing`: it is not the first of several pipelined replies, so the time for silence counts. */
  async readStatus(flowing = false): Promise<StatusLine> {
    if (this.#background !== null) await this.#background;
    return asStatus(this.#takeReply() ?? (await this.readOn(() => this.#takeReply(), flowing)));
  }

  /** The next status line or challenge. */
  async readReply(): Promise<Reply> {
    return this.#takeReply() ?? this.readOn(() => this.#takeReply(), false);
  }

  /** True while a multi-line reply has not been read to its end. */
  get inBody(): boolean {
    return this.#rest === null ? this.#engine.inBody : this.#restInBody;
  }

  /** The next octets of the multi-line reply. Null: it has ended. Undefined: nothing has arrived, so call `awaitData`. */
  takeData(): Uint8Array | null | undefined {
    if (this.#rest !== null)
      return this.#restInBody ? (this.#takeRest(this.#rest) as Uint8Array | null | undefined) : null;
    const octets = this.#engine.readData();
    if (!this.#engine.inBody) this.#bodyEnded();
    return octets;
  }

  /** Waits until `takeData` has something to give, and gives that. */
  awaitData(): Promise<Uint8Array | null> {
    return this.readOn(() => this.takeData(), true);
  }

  /**
   * Calls `read` after each arrival until it gives something. As long as it gives undefined, octets are due. `flowing` as
   * for `readStatus`; what comes after the first octets is flowing. Who reads many replies in one go has one promise for all.
   */
  readOn<T>(read: () => T | undefined, flowing: boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      let wait = this.#beginWait(flowing || this.inBody ? "idle" : "reply");
      const arrived = (): void => {
        try {
          const given = read();
          if (given !== undefined || this.#hasPassed(wait)) {
            this.#endWait(wait);
            if (given === undefined) wait = this.#beginWait("idle");
          }
          if (given === undefined) this.#reader = { resolve: arrived, reject };
          else resolve(given);
        } catch (error) {
          reject(error);
        }
      };
      this.#reader = { resolve: arrived, reject };
    });
  }

  /** Ends the session if the present multi-line reply has more octets than this. `name` is that of the limit. */
  boundBody(name: string, octets: number): void {
    this.#engine.boundBody(name, octets);
  }

  /** To be called after a wait of so many ms in the middle of a reply. Throws where its octets come too slowly. */
  #checkRate(reply: number, ms: number): void {
    const isFast = this.#rate.addWait(reply, ms, this.#engine.octets);
    const passed = isFast ? this.#totalLimit() : this.#deadlines.rate;
    if (isFast && this.#rate.replyMs <= (passed?.ms ?? Infinity)) return;
    passed?.passed();
    if (this.#failure !== null) throw this.#failure;
  }

  /** The limit on all waiting for the rest of a reply. Null for messages, which may be large: the rate alone bounds them. */
  #totalLimit(): Deadline | null {
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
   * Lets a reply be read in the background: the next command may be sent at once, and its reply is read after that one.
   * If the session fails meanwhile, the next call is told.
   */
  readInBackground(reading: Promise<void>): void {
    this.#background = reading
      .catch(() => undefined)
      .finally(() => {
        this.#background = null;
      });
  }

  /** Resolves when no reply is read in the background any more. For a command that must not be in flight with others. */
  async backgroundEnded(): Promise<void> {
    await this.#background;
  }

  /** Takes octets that have arrived. */
  push(octets: Uint8Array): void {
    this.#engine.receive(octets, performance.now());
    const reader = this.#reader;
    this.#reader = null;
    reader?.resolve();
  }

  /**
   * To be called when nothing more will arrive. Decodes what has arrived, which can still be read: then the engine knows
   * how many commands stay unanswered.
   */
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
      // The engine has told the session.
    }
    this.#rest = rest;
    this.#restInBody = inBody;
  }

  /** To be called when the session has ended. Only what `end` has decoded can still be read. */
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

  /** The next reply, undefined if it has not arrived. */
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

  /** Starts the time limit for what is waited for. It runs only while somebody waits: a slow consumer is no slow server. */
  #beginWait(what: Awaited): Wait {
    if (this.#failure !== null) throw this.#failure;
    const { preLogin, answered, octets, inBody } = this.#engine;
    const deadline = this.#deadlines[preLogin ? "preLogin" : what];
    deadline.start();
    return { deadline, start: performance.now(), answered, octets, inBody };
  }

  /** Whether more was read since than the beginning of a line. */
  #hasPassed({ answered, octets, inBody }: Wait): boolean {
    const { answered: answeredNow, octets: octetsNow, inBody: inBodyNow } = this.#engine;
    return answeredNow !== answered || octetsNow !== octets || inBodyNow !== inBody;
  }

  #endWait({ deadline, start, answered }: Wait): void {
    deadline.stop();
    const { answered: answeredNow, inBody } = this.#engine;
    if (inBody && answeredNow === answered) this.#checkRate(answered, performance.now() - start);
  }
}

function asStatus(reply: Reply): StatusLine {
  if (reply.kind !== "status") throw new Error("out of step: a challenge in place of a status line");
  return reply;
}
