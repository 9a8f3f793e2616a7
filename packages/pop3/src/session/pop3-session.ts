import type { Duplex } from "node:stream";
import {
  AbortedError,
  ConnectionClosedError,
  TimeoutError,
  type TimeoutPhase,
} from "../errors/connection.ts";
import type { Pop3Error } from "../errors/error.ts";
import { StlsInjectionError } from "../errors/tls.ts";
import { SessionBusyError, SessionClosedError } from "../errors/usage.ts";
import type { OnWire, Timeouts } from "../options/connect-options.ts";
import type { Command } from "../protocol/command.ts";
import { Engine } from "../protocol/engine.ts";
import type { Limits } from "../protocol/limits.ts";
import { Deadline, type Deadlines } from "./deadline.ts";
import { type DiagnosticsPeer, Meter } from "./diagnostics.ts";
import { ReceiveRate } from "./receive-rate.ts";
import { Replies } from "./replies.ts";
import { giveBack } from "./slabs.ts";
import { WireLog } from "./wire-log.ts";

/** What a session is made with, besides its stream. */
export interface SessionSettings {
  readonly limits: Limits;
  readonly timeouts: Timeouts;
  readonly onWire: OnWire | undefined;
  readonly signal: AbortSignal | undefined;
  readonly peer: DiagnosticsPeer;
}

/**
 * One session over a stream: it sends commands, hands what arrives to the engine, and closes the stream at the end. The
 * replies are read from `replies`.
 */
export class Session {
  readonly limits: Limits;
  readonly replies: Replies;
  readonly #deadlines: Deadlines;
  readonly #wire: WireLog;
  readonly #signal: AbortSignal | undefined;
  readonly #engine: Engine;
  readonly #meter: Meter;
  #stream: Duplex;
  #unsent = "";
  #lastSent = performance.now();
  #paused: boolean = false;
  #failure: Pop3Error | null = null;
  /** Resolves when the exchange that was begun last has ended. */
  #lastExchange: Promise<unknown> = Promise.resolve();
  #streaming: boolean = false;
  readonly #companions = new Set<Disposable>();
  /** Called once when the session fails. For somebody who waits for something else than a reply. */
  onFailure: (() => void) | null = null;

  constructor(stream: Duplex, settings: SessionSettings) {
    this.limits = settings.limits;
    const { preLoginMs, replyMs, idleMs, rateMs, listingMs } = settings.timeouts;
    this.#deadlines = {
      preLogin: this.#deadline("preLogin", Math.min(preLoginMs, replyMs)),
      reply: this.#deadline("reply", replyMs),
      idle: this.#deadline("idle", idleMs),
      listing: this.#deadline("listing", listingMs),
      rate: this.#deadline("rate", rateMs),
    };
    this.#wire = new WireLog(settings.onWire);
    this.#signal = settings.signal;
    this.#meter = new Meter(settings.peer);
    this.#engine = new Engine(settings.limits, {
      taken: (chunk, secret) => {
        this.#wire.received(chunk.octets, secret);
        this.#meter.arrived(chunk.arrivedAt);
        this.#goOn();
      },
      fatal: (error) => this.#fail(error),
    });
    const rate = new ReceiveRate({ rateMs, leastRate: settings.limits.leastRate });
    this.replies = new Replies(this.#engine, this.#meter, this.#wire, this.#deadlines, rate);
    this.#stream = stream;
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#attach();
    if (this.#signal?.aborted === true) this.#onAbort();
  }

  /** False once the session has failed or was closed. */
  get usable(): boolean {
    return this.#failure === null;
  }

  /** Disposes of this as soon as the session ends, because it is of no use without the session. */
  endWith(companion: Disposable): void {
    if (this.usable) this.#companions.add(companion);
    else companion[Symbol.dispose]();
  }

  /**
   * Runs exchanges one after another. While a streamed reply is open it throws SessionBusyError instead of waiting, because
   * the caller who would wait may be the one who has to read that reply.
   */
  exclusive<T>(exchange: () => Promise<T>): Promise<T> {
    const run = this.#lastExchange.then(() => {
      this.check();
      if (this.#streaming) throw new SessionBusyError();
      return exchange();
    });
    this.#lastExchange = run.catch(() => undefined);
    return run;
  }

  /** The present exchange goes on as a streamed reply, until `endStream`. */
  beginStream(): void {
    this.#streaming = true;
  }

  endStream(): void {
    this.#streaming = false;
  }

  /** True if no command was sent for so many ms, none is unanswered, and no streamed reply is open. */
  quietFor(ms: number): boolean {
    const free = this.usable && !this.#streaming && this.#engine.unanswered === 0;
    return free && performance.now() - this.#lastSent >= ms;
  }

  /** Throws the error that has ended the session, if it has ended. */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** Takes octets back that were read, and that nobody looks at any more: their memory may be used again. */
  giveBack(octets: Uint8Array): void {
    // Who listens to the wire may have kept them.
    if (!this.#wire.listening) giveBack(octets);
  }

  /** Writes a command. Commands of the same tick leave in one write. */
  send(command: Command): void {
    this.check();
    const { octets, shown } = this.#engine.send(command);
    if (this.#wire.listening) this.#wire.sent(shown);
    if (this.#unsent === "") process.nextTick(() => this.#write());
    if (this.#meter.listening) this.#meter.sent(this.#engine.commands);
    this.#unsent += octets;
  }

  /** Goes on over the stream that `secure` makes of the present one. If `secure` throws, the session fails by that error. */
  async upgrade(secure: (plain: Duplex) => Promise<Duplex>): Promise<void> {
    // If octets came along with the reply to STLS, they have ended the session already.
    this.check();
    const plain = this.#stream;
    this.#detach();
    try {
      if (plain.readableLength > 0) throw new StlsInjectionError();
      this.#stream = await secure(plain);
    } catch (error) {
      this.#fail(error as Pop3Error);
    }
    if (this.#failure !== null) {
      this.#stream.destroy();
      throw this.#failure;
    }
    this.#engine.tlsStarted();
    this.#attach();
  }

  /** Ends the session by this error, unless it has ended before. @returns the error that has ended it */
  end(error: Pop3Error): Pop3Error {
    this.#fail(error);
    return this.#failure ?? error;
  }

  /** Closes the connection at once, without QUIT. Resolves when the stream is closed. */
  async close(): Promise<void> {
    this.#fail(new SessionClosedError());
    const stream = this.#stream;
    if (!stream.closed) await new Promise<void>((resolve) => stream.once("close", () => resolve()));
  }

  #write(): void {
    this.#lastSent = performance.now();
    if (!this.#stream.destroyed) this.#stream.write(this.#unsent, "utf8");
    this.#unsent = "";
  }

  #deadline(phase: TimeoutPhase, ms: number): Deadline {
    return new Deadline(ms, () => this.#fail(new TimeoutError(phase, ms, this.#engine.unanswered)));
  }

  readonly #onAbort = (): void => this.#fail(new AbortedError(this.#signal?.reason));

  readonly #onData = (octets: Uint8Array): void => {
    this.replies.push(octets);
    if (this.#engine.waitingOctets > this.limits.bufferedOctets) {
      this.#paused = true;
      this.#stream.pause();
    }
  };

  #goOn(): void {
    if (!this.#paused || this.#engine.waitingOctets > this.limits.bufferedOctets / 2) return;
    this.#paused = false;
    this.#stream.resume();
  }

  readonly #onEnd = (): void => this.#onError(undefined);

  readonly #onError = (cause: unknown): void => {
    if (this.#failure !== null) return;
    this.replies.end();
    this.#fail(new ConnectionClosedError(this.#engine.lastWords, cause, this.#engine.unanswered));
  };

  #attach(): void {
    this.#stream.on("data", this.#onData);
    this.#stream.on("end", this.#onEnd);
    this.#stream.on("close", this.#onEnd);
    this.#stream.on("error", this.#onError);
    this.#stream.resume();
  }

  #detach(): void {
    this.#stream.pause();
    this.#stream.off("data", this.#onData);
    this.#stream.off("end", this.#onEnd);
    this.#stream.off("close", this.#onEnd);
  }

  #fail(error: Pop3Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    for (const deadline of Object.values(this.#deadlines)) deadline.end();
    this.replies.fail(error);
    this.#stream.destroy();
    this.#meter.ended(error.code, this.#engine.commands, this.#engine.octets);
    for (const companion of this.#companions) companion[Symbol.dispose]();
    this.onFailure?.();
  }
}
