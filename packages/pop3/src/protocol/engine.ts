import { ConnectionClosedError } from "../errors/connection.ts";
import type { Pop3Error } from "../errors/error.ts";
import type { Refusal } from "../errors/refusal.ts";
import { ProtocolError } from "../errors/reply.ts";
import { StlsInjectionError } from "../errors/tls.ts";
import { Body } from "./body.ts";
import type { Command } from "./command.ts";
import type { EncodedCommand } from "./encoded-command.ts";
import type { ExpectedReply } from "./expected-reply.ts";
import type { Limits } from "./limits.ts";
import { noReply, tooLong } from "./line-faults.ts";
import { type Chunk, ReceiveBuffer } from "./receive-buffer.ts";
import { type Challenge, type Reply, StatusLine, type StatusText, type TextPlace } from "./reply.ts";
import {
  isEmptyLine,
  mayBeRefusal,
  parseChallenge,
  parseStatus,
  type Status,
  withoutSecrets,
} from "./status.ts";
import { UnansweredCommands } from "./unanswered-commands.ts";
import type { BodyFraming, State } from "./verbs.ts";

const LF = 0x0a;
const CR = 0x0d;
const { indexOf } = Uint8Array.prototype;

/** What the engine tells at once, without waiting until somebody reads. */
export interface EngineListener {
  /**
   * This chunk is decoded from now on. `secret`: it may repeat a secret, because the reply to a login is due, or because
   * no reply is due after a login.
   */
  readonly taken: (chunk: Chunk, secret: boolean) => void;
  /** What arrived ends the session. */
  readonly fatal: (error: Pop3Error) => void;
}

/**
 * The protocol without I/O: it turns commands into octets, and octets into replies. A reply does not say which command it
 * answers, so the queue of unanswered commands decides how each reply is framed. Octets may arrive in any split.
 *
 * What arrives is decoded when somebody reads, so that what only waits costs no objects. What no command has asked for is
 * decoded at once. After a fatal error nothing more is read: the listener is told of it, and the reading method throws it.
 */
export class Engine {
  readonly #limits: Limits;
  readonly #listener: EngineListener;
  #state: State = "GREETING";
  readonly #unanswered = new UnansweredCommands();
  readonly #received = new ReceiveBuffer();
  /** The beginning of a status line that came with an earlier chunk. */
  #line: Buffer | null = null;
  /** True if the greeting ended in a bare LF. */
  #bareLf: boolean = false;
  /** True right after a multi-line reply: some servers send an empty line then. */
  #afterBody: boolean = false;
  readonly #body: Body;
  #lastWords: Refusal | null = null;

  constructor(limits: Limits, listener: EngineListener) {
    this.#limits = limits;
    this.#body = new Body(limits);
    this.#listener = listener;
  }

  /** Commands whose reply has not begun. */
  get unanswered(): number {
    return this.#unanswered.length;
  }

  /** Commands that were sent; the greeting answers none. */
  get commands(): number {
    return this.#unanswered.sent - 1;
  }

  /** Commands whose reply has begun. */
  get answered(): number {
    return this.#unanswered.answered - 1;
  }

  /** Octets of all multi-line replies that were read, un-stuffed. */
  get octets(): number {
    return this.#body.octets;
  }

  /** Octets of the last multi-line reply, un-stuffed. */
  get bodyOctets(): number {
    return this.#body.bodyOctets;
  }

  /** What kind of multi-line reply the last one is. */
  get framing(): BodyFraming {
    return this.#body.framing;
  }

  /** Octets that have arrived and are not yet being decoded. */
  get waitingOctets(): number {
    return this.#received.waitingOctets;
  }

  /** True while a multi-line reply has not been read to its end: `readData` is due, otherwise `readReply`. */
  get inBody(): boolean {
    return !this.#body.ended;
  }

  /** The reply that was read last, if it was a refusal. */
  get lastWords(): Refusal | null {
    return this.#lastWords;
  }

  /** True while a reply is awaited that a server has at hand: one before the login, but not the reply to the login itself. */
  get preLogin(): boolean {
    const before = this.#state === "GREETING" || this.#state === "AUTHORIZATION";
    return before && (!this.#body.ended || this.#unanswered.oldest(Infinity)?.rule.prelude === true);
  }

  /** Encodes a command, whose reply is then awaited. Throws WrongStateError. */
  send(command: Command): EncodedCommand {
    return this.#unanswered.send(command, this.#state);
  }

  /** To be called when TLS is in place: the session is where the greeting had left it (RFC 2595 section 4). */
  tlsStarted(): void {
    this.#state = "AUTHORIZATION";
  }

  /** Takes what has arrived. Slices of it are handed out, so it must not change. */
  receive(octets: Uint8Array, arrivedAt = 0): void {
    if (this.#state === "CLOSED") return;
    const chunk = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
    this.#received.push({ octets: chunk, commandsSent: this.#unanswered.sent, arrivedAt });
    this.readUnasked();
  }

  /**
   * If no reply is due, reads what has arrived: that ends the session, unless it is one empty line after a multi-line
   * reply. To be called after each reply.
   */
  readUnasked(): void {
    if (this.#unanswered.length > 0 || !this.#body.ended) return;
    try {
      this.readReply();
    } catch {
      // The listener has been told.
    }
  }

  /** The next status line or challenge; undefined: it has not arrived. Throws what ends the session. */
  readReply(): Reply | undefined {
    if (!this.#body.ended) throw new Error("out of step: a status line is read within a multi-line reply");
    const received = this.#received;
    while (received.place < received.chunk.octets.length || this.#take()) {
      const { octets: chunk, commandsSent } = received.chunk;
      const start = received.place;
      const lf = indexOf.call(chunk, LF, start);
      // What had arrived before a command was sent is no answer to it.
      const oldest = this.#unanswered.oldest(commandsSent);
      const reply =
        oldest?.plain === true && this.#line === null && isPositive(chunk, start, lf, this.#limits)
          ? this.#positive(oldest, chunk, start, lf)
          : this.#readLine(chunk, start, lf, oldest);
      if (reply !== undefined) return reply;
    }
    return undefined;
  }

  /**
   * What has arrived of the multi-line reply, un-stuffed and without the terminator: mostly a slice of what was
   * received. Null: it has ended; undefined: nothing more has arrived. Throws what ends the session.
   */
  readData(): Uint8Array | null | undefined {
    const body = this.#body;
    const received = this.#received;
    while (!body.ended && (received.place < received.chunk.octets.length || this.#take())) {
      const octets = body.read(received.chunk.octets, received.place);
      received.place = body.at;
      const { exceeded } = body;
      if (exceeded !== null) throw this.#fatal(exceeded);
      this.#afterBody = body.ended;
      if (octets.length > 0) return octets;
    }
    return body.ended ? null : undefined;
  }

  /** The multi-line reply whose status line was read last may have no more octets than this. */
  boundBody(name: string, octets: number): void {
    this.#body.bound(name, octets);
  }

  /** Goes on to the next chunk. False: none has arrived. */
  #take(): boolean {
    const chunk = this.#received.next();
    if (chunk === null) return false;
    const oldest = this.#unanswered.oldest(chunk.commandsSent);
    this.#listener.taken(chunk, this.#body.ended && this.#unanswered.secretsOf(oldest).length > 0);
    return true;
  }

  /** A reply that neither is looked at as text nor changes the state, as most are. */
  #positive(oldest: ExpectedReply, chunk: Buffer, start: number, lf: number): StatusLine {
    this.#received.place = lf + 1;
    this.#afterBody = false;
    const bareLf = chunk[lf - 1] !== CR;
    const text: TextPlace = { octets: chunk, start: start + 3, end: bareLf ? lf : lf - 1 };
    return this.#answer(oldest, bareLf, true, null, text);
  }

  #readLine(chunk: Buffer, start: number, lf: number, oldest: ExpectedReply | undefined): Reply | undefined {
    if (this.#state === "STLS") throw this.#fatal(new StlsInjectionError());
    const end = lf < 0 ? chunk.length : lf + 1;
    this.#received.place = end;
    if (this.#line === null) return this.#linePart(chunk, start, end, lf >= 0, oldest);
    const line = Buffer.concat([this.#line, chunk.subarray(start, end)]);
    return this.#linePart(line, 0, line.length, lf >= 0, oldest);
  }

  /** Takes a status line, or if it is not whole the beginning of one, which is kept until the rest has arrived. */
  #linePart(
    octets: Buffer,
    start: number,
    end: number,
    whole: boolean,
    oldest: ExpectedReply | undefined,
  ): Reply | undefined {
    const stray = this.#afterBody && isEmptyLine(octets, start, end);
    // One empty line, and only here: elsewhere it would hide that replies are out of step.
    if (whole || !stray) this.#afterBody = false;
    const fault = tooLong(end - start, oldest, this.#limits);
    if (fault !== null) throw this.#fatal(fault);
    if (!stray && oldest === undefined && !mayBeRefusal(octets, start, end))
      throw this.#fatal(new ProtocolError("octets arrived that no command had asked for"));
    // A copy, because a slice would keep the whole chunk in memory.
    this.#line = whole ? null : Buffer.from(octets.subarray(start, end));
    return whole && !stray ? this.#reply(octets, start, end, oldest) : undefined;
  }

  #reply(octets: Buffer, start: number, end: number, oldest: ExpectedReply | undefined): Reply {
    const bareLf = octets[end - 2] !== CR || end - start < 2;
    const line = octets.subarray(start, end - (bareLf ? 1 : 2));
    const parsed = parseStatus(line);
    const secrets = this.#unanswered.secretsOf(oldest);
    const status = parsed === null || secrets.length === 0 ? parsed : withoutSecrets(parsed, secrets);
    if (oldest === undefined) throw this.#fatal(new ConnectionClosedError(status));
    const challenge = this.#challenge(line, status, oldest);
    if (challenge !== null) return challenge;
    if (status !== null) return this.#status(oldest, bareLf, status);
    throw this.#fatal(noReply(oldest));
  }

  #status(oldest: ExpectedReply, bareLf: boolean, status: Status): StatusLine {
    const { ok, responseCode } = status;
    if (oldest.verb === "GREETING") this.#bareLf = bareLf;
    const state = ok ? oldest.rule.ok : oldest.rule.err;
    if (state === "CLOSED") this.#close();
    else this.#state = state ?? this.#state;
    const line = this.#answer(oldest, bareLf, ok, responseCode, status);
    if (!ok) this.#lastWords = line;
    return line;
  }

  #answer(
    { verb, framing }: ExpectedReply,
    bareLf: boolean,
    ok: boolean,
    responseCode: string | null,
    text: StatusText | TextPlace,
  ): StatusLine {
    this.#unanswered.answer();
    this.#lastWords = null;
    const more = ok && framing !== "line";
    // A message may hold bare LFs, so a server that has shown that it writes CRLF is held to it.
    if (more) this.#body.begin(framing, framing !== "content" || (bareLf && this.#bareLf));
    return new StatusLine(verb, ok, responseCode, more, text);
  }

  #challenge(line: Buffer, status: Status | null, oldest: ExpectedReply): Challenge | null {
    const { challenge } = oldest.rule;
    if (challenge === null) return null;
    // Nobody is logged in by AUTH and a mechanism's name alone: some servers say +OK where they mean "+ ".
    const asked = oldest.verb === "AUTH" && status?.ok === true && oldest.awaitsChallenge;
    const base64 = asked ? "" : parseChallenge(line.toString("latin1"));
    if (base64 === null) return null;
    this.#unanswered.answer();
    this.#state = challenge;
    return { kind: "challenge", base64 };
  }

  /** Forgets what has arrived, and reads nothing more. */
  #close(): void {
    this.#state = "CLOSED";
    this.#received.clear();
  }

  #fatal(error: Pop3Error): Pop3Error {
    this.#close();
    this.#listener.fatal(error);
    return error;
  }
}

/** Whether a whole line that is not too long stands there and begins with `+OK`. */
function isPositive(chunk: Buffer, start: number, lf: number, limits: Limits): boolean {
  return (
    chunk[start] === 0x2b &&
    chunk[start + 1] === 0x4f &&
    chunk[start + 2] === 0x4b &&
    lf > start &&
    lf - start < limits.statusLineOctets
  );
}
