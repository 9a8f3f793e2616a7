import type { Duplex } from "node:stream";
import { Deadline } from "./deadline.ts";
import { type DiagnosticsPeer, Meter } from "./diagnostics.ts";
import { AbortedError, ConnectionClosedError, TimeoutError, type TimeoutPhase } from "./errors/connection.ts";
import type { Pop3Error } from "./errors/error.ts";
import type { Refusal } from "./errors/refusal.ts";
import { StlsInjectionError } from "./errors/tls.ts";
import { SessionBusyError, SessionClosedError } from "./errors/usage.ts";
import { Inbound } from "./inbound.ts";
import type { OnWire, Timeouts } from "./options.ts";
import type { Command } from "./protocol/command.ts";
import { type ChallengeEvent, Engine, type EngineEvent, type StatusEvent } from "./protocol/engine.ts";
import type { Limits } from "./protocol/limits.ts";

export interface SessionSettings {
  readonly limits: Limits;
  readonly timeouts: Timeouts;
  readonly onWire: OnWire | undefined;
  readonly signal: AbortSignal | undefined;
  readonly peer: DiagnosticsPeer;
}

/** For what a reader waits: the beginning of a reply, or octets of one (or of pipelined ones) that flows. */
type Awaited = "reply" | "idle";

/**
 * Drives the engine over a stream. Replies are read in the order of their commands, by one reader at a time.
 */
export class Session {
  readonly limits: Limits;
  readonly #deadlines: Readonly<Record<Awaited | "preLogin", Deadline>>;
  readonly #onWire: OnWire | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #engine: Engine;
  readonly #inbound = new Inbound();
  readonly #meter: Meter;
  #stream: Duplex;
  #unsent = "";
  #lastSent = performance.now();
  #paused: boolean = false;
  #failure: Pop3Error | null = null;
  #lastWords: Refusal | null = null;
  #turn: Promise<unknown> = Promise.resolve();
  #streaming: boolean = false;
  /** A reply that is read by itself, ahead of the next. */
  #ahead: Promise<void> | null = null;
  readonly #companions = new Set<Disposable>();
  /** Called once when the session fails: for whoever waits for something else than a reply. */
  onFailure: (() => void) | null = null;

  constructor(stream: Duplex, settings: SessionSettings) {
    this.limits = settings.limits;
    const { preLoginMs, replyMs, idleMs } = settings.timeouts;
    this.#deadlines = {
      preLogin: this.#deadline("preLogin", Math.min(preLoginMs, replyMs)),
      reply: this.#deadline("reply", replyMs),
      idle: this.#deadline("idle", idleMs),
    };
    this.#onWire = settings.onWire;
    this.#signal = settings.signal;
    this.#engine = new Engine(settings.limits);
    this.#meter = new Meter(settings.peer);
    this.#stream = stream;
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#attach();
    if (this.#signal?.aborted === true) this.#onAbort();
  }

  /** False once the session has failed or was closed. */
  get usable(): boolean {
    return this.#failure === null;
  }

  /** Disposes of what is of no use without the session as soon as it ends. */
  endWith(companion: Disposable): void {
    if (this.usable) this.#companions.add(companion);
    else companion[Symbol.dispose]();
  }

  /**
   * Runs exchanges one after another. While a streamed reply is open it refuses instead of waiting: the
   * caller who waits may be the one who is to read that reply.
   */
  exclusive<T>(exchange: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(() => {
      this.check();
      if (this.#streaming) throw new SessionBusyError();
      return exchange();
    });
    this.#turn = run.catch(() => undefined);
    return run;
  }

  /** The exchange under way goes on as a stream, until `endStream`. */
  beginStream(): void {
    this.#streaming = true;
  }

  endStream(): void {
    this.#streaming = false;
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

  /** True if no command was sent for so long, none is unanswered and no streamed reply is open. */
  quietFor(ms: number): boolean {
    const free = this.usable && !this.#streaming && this.#engine.unanswered === 0;
    return free && performance.now() - this.#lastSent >= ms;
  }

  /** Throws what has ended the session, if anything has. */
  check(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** Writes a command. Commands of the same tick leave in one write. */
  send(command: Command): void {
    this.check();
    const { octets, shown } = this.#engine.send(command);
    this.#onWire?.({ direction: "sent", octets: Buffer.from(shown) });
    if (this.#unsent === "") process.nextTick(() => this.#write());
    this.#meter.sent();
    this.#unsent += octets;
  }

  // What has arrived already is returned as it is: with thousands of small messages a promise for each step
  // costs more than all parsing. Callers await either.

  /** The next status line if it is here. */
  takeStatus(): StatusEvent | null {
    if (this.#ahead !== null) return null;
    return this.#inbound.peek()?.kind === "status" ? asStatus(this.#arrived() as EngineEvent) : null;
  }

  /** The next status line. `flowing`: one of many that come without a pause. */
  async readStatus(flowing = false): Promise<StatusEvent> {
    if (this.#ahead !== null) await this.#ahead;
    return asStatus(this.#arrived() ?? (await this.#awaited(flowing ? "idle" : "reply")));
  }

  /** The next status line or challenge. */
  async readReply(): Promise<StatusEvent | ChallengeEvent> {
    const event = this.#arrived() ?? (await this.#awaited("reply"));
    return event.kind === "challenge" ? event : asStatus(event);
  }

  /** The next octets of the multi-line reply, or null at its end. */
  readData(): Uint8Array | null | Promise<Uint8Array | null> {
    const event = this.#arrived();
    return event === undefined ? this.#awaited("idle").then(asData) : asData(event);
  }

  /** Hands the stream to `secure` and goes on with what it returns; fails the session if it throws. */
  async upgrade(secure: (plain: Duplex) => Promise<Duplex>): Promise<void> {
    const plain = this.#stream;
    this.#detach();
    try {
      if (plain.readableLength > 0) throw new StlsInjectionError();
      this.#stream = await secure(plain);
    } catch (error) {
      this.#fail(error as Pop3Error, true);
    }
    if (this.#failure !== null) {
      this.#stream.destroy();
      throw this.#failure;
    }
    this.#engine.tlsStarted();
    this.#attach();
  }

  /** Closes the connection at once, without QUIT. Resolves when the stream is closed. */
  async close(): Promise<void> {
    this.#fail(new SessionClosedError(), true);
    const stream = this.#stream;
    if (!stream.closed) await new Promise<void>((resolve) => stream.once("close", () => resolve()));
  }

  #write(): void {
    this.#lastSent = performance.now();
    if (!this.#stream.destroyed) this.#stream.write(this.#unsent, "utf8");
    this.#unsent = "";
  }

  #arrived(): EngineEvent | undefined {
    const event = this.#inbound.shift();
    if (this.#paused && this.#inbound.octets <= this.limits.bufferedOctets / 2) {
      this.#paused = false;
      this.#stream.resume();
    }
    return event;
  }

  async #awaited(what: Awaited): Promise<EngineEvent> {
    // The clock runs only while somebody waits, so a slow consumer is not a slow server.
    const deadline = this.#deadlines[this.#engine.preLogin ? "preLogin" : what];
    deadline.start();
    try {
      return await this.#inbound.next();
    } finally {
      deadline.stop();
    }
  }

  #deadline(phase: TimeoutPhase, ms: number): Deadline {
    return new Deadline(ms, () => this.#fail(new TimeoutError(phase, ms, this.#engine.unanswered), true));
  }

  readonly #onAbort = (): void => this.#fail(new AbortedError(this.#signal?.reason), true);

  readonly #onData = (chunk: Uint8Array): void => {
    const secret = this.#engine.secretOutstanding;
    if (!secret) this.#onWire?.({ direction: "received", octets: chunk });
    for (const event of this.#engine.receive(chunk)) {
      switch (event.kind) {
        case "data":
          this.#meter.data(event.octets.length);
          break;
        case "end":
          this.#meter.end();
          break;
        case "status":
          this.#meter.status(event);
          this.#lastWords = event.ok ? null : event;
          // The raw octets may echo the secret; the engine has masked it here.
          if (secret) this.#onWire?.({ direction: "received", octets: statusOctets(event) });
          break;
        case "challenge":
          this.#meter.challenge();
          this.#onWire?.({ direction: "received", octets: hiddenChallenge });
          break;
        case "fatal":
          this.#fail(event.error, false);
          return;
      }
      this.#inbound.push(event);
    }
    if (this.#inbound.octets > this.limits.bufferedOctets) {
      this.#paused = true;
      this.#stream.pause();
    }
  };

  readonly #onEnd = (): void => this.#onError(undefined);

  readonly #onError = (cause: unknown): void =>
    this.#fail(new ConnectionClosedError(this.#lastWords, cause, this.#engine.unanswered), false);

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

  #fail(error: Pop3Error, discard: boolean): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    for (const deadline of Object.values(this.#deadlines)) deadline.end();
    this.#inbound.fail(error, discard);
    this.#stream.destroy();
    this.#meter.ended(error.code);
    for (const companion of this.#companions) companion[Symbol.dispose]();
    this.onFailure?.();
  }
}

const hiddenChallenge = Buffer.from("+ ****\r\n");

function asStatus(event: EngineEvent): StatusEvent {
  if (event.kind !== "status") throw new Error(`out of step: ${event.kind} in place of a status line`);
  return event;
}

function asData(event: EngineEvent): Uint8Array | null {
  if (event.kind === "data") return event.octets;
  if (event.kind === "end") return null;
  throw new Error(`out of step: ${event.kind} within a multi-line reply`);
}

function statusOctets(event: StatusEvent): Uint8Array {
  return Buffer.from(`${event.ok ? "+OK" : "-ERR"} ${event.statusText}\r\n`);
}
