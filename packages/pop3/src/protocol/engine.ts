import { ConnectionClosedError } from "../errors/connection.ts";
import type { Pop3Error } from "../errors/error.ts";
import type { Refusal } from "../errors/refusal.ts";
import { LimitExceededError, NotPop3Error, ProtocolError } from "../errors/reply.ts";
import { StlsInjectionError } from "../errors/tls.ts";
import { Arrived, type Chunk } from "./arrived.ts";
import { BodyDecoder } from "./body.ts";
import type { Command } from "./command.ts";
import type { Expected } from "./expected.ts";
import type { Limits } from "./limits.ts";
import { type Challenge, type Reply, StatusLine, type StatusText, type TextPlace } from "./reply.ts";
import type { Sent } from "./sent.ts";
import {
  isEmptyLine,
  mayBeRefusal,
  parseChallenge,
  parseStatus,
  type Status,
  withoutSecrets,
} from "./status.ts";
import { Unanswered } from "./unanswered.ts";
import { type BodyFraming, type BodyLimit, bodyLimits, type State } from "./verbs.ts";

const LF = 0x0a;
const CR = 0x0d;
const { indexOf } = Uint8Array.prototype;

/** Who is told what cannot wait for a reader. */
export interface EngineListener {
  /**
   * What had waited is being decoded from here on. `secret`: it may echo a secret, for the reply to a login is due, or
   * none at all.
   */
  readonly taken: (chunk: Chunk, secret: boolean) => void;
  /** What arrived ends the session. */
  readonly fatal: (error: Pop3Error) => void;
}

/**
 * The protocol without I/O: commands to octets, octets to replies. Replies carry no tag, so the queue of unanswered
 * commands decides how each is framed. Octets may arrive in any split.
 *
 * What arrives is decoded when it is read: nothing is made for what only waits. But what nobody has asked for is
 * decoded at once. After a fatal error, which a reading method also throws, nothing more is read.
 */
export class Engine {
  readonly #limits: Limits;
  readonly #listener: EngineListener;
  #state: State = "GREETING";
  readonly #unanswered = new Unanswered();
  readonly #arrived = new Arrived();
  /** The beginning of a status line that came with an earlier chunk. */
  #line: Buffer | null = null;
  /** The greeting ended in a bare LF. */
  #bareLf: boolean = false;
  /** A multi-line reply has just ended: some servers send an empty line after it. */
  #afterBody: boolean = false;
  readonly #body = new BodyDecoder();
  readonly #bodyLimits: Readonly<Record<BodyFraming, BodyLimit>>;
  #framing: BodyFraming = "content";
  /** What `#mostOctets` comes from. */
  #bodyLimit: BodyLimit = { name: "messageOctets", octets: 0 };
  /** Of all multi-line replies. */
  #octets = 0;
  /** Those before the last one. */
  #octetsBefore = 0;
  /** As many as there may be by the end of the last one. */
  #mostOctets = 0;
  #lastWords: Refusal | null = null;

  constructor(limits: Limits, listener: EngineListener) {
    this.#limits = limits;
    this.#bodyLimits = bodyLimits(limits);
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
    return this.#octets;
  }

  /** Those of the last one. */
  get bodyOctets(): number {
    return this.#octets - this.#octetsBefore;
  }

  /** What kind of multi-line reply the last one is. */
  get framing(): BodyFraming {
    return this.#framing;
  }

  /** Octets that have arrived and are not yet being decoded. */
  get waitingOctets(): number {
    return this.#arrived.waitingOctets;
  }

  /** True while a multi-line reply has not been read to its end: `readData` is due, otherwise `readReply`. */
  get inBody(): boolean {
    return !this.#body.ended;
  }

  /** The reply that was read last, if it was a refusal. */
  get lastWords(): Refusal | null {
    return this.#lastWords;
  }

  /** True while a reply is awaited for which a server has nothing to look up: before a login, and not to it. */
  get preLogin(): boolean {
    const before = this.#state === "GREETING" || this.#state === "AUTHORIZATION";
    return before && (!this.#body.ended || this.#unanswered.oldest(Infinity)?.rule.prelude === true);
  }

  /** The octets of a command, and the same for a log, secrets masked. Throws WrongStateError. */
  send(command: Command): Sent {
    return this.#unanswered.send(command, this.#state);
  }

  /** TLS stands: the session is where the greeting had left it (RFC 2595 section 4). */
  tlsStarted(): void {
    this.#state = "AUTHORIZATION";
  }

  /** Takes what has arrived. Slices of it are handed out, so it must not change. */
  receive(octets: Uint8Array, at = 0): void {
    if (this.#state === "CLOSED") return;
    const chunk = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
    this.#arrived.push({ octets: chunk, after: this.#unanswered.sent, at });
    this.settle();
  }

  /**
   * Where no reply is due, reads what has come, which ends the session unless it is one empty line after a multi-line
   * reply. To be called after each reply, too.
   */
  settle(): void {
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
    const arrived = this.#arrived;
    while (arrived.place < arrived.chunk.octets.length || this.#take()) {
      const { octets: chunk, after } = arrived.chunk;
      const start = arrived.place;
      const lf = indexOf.call(chunk, LF, start);
      // What had arrived before a command was sent is no answer to it.
      const oldest = this.#unanswered.oldest(after);
      const reply =
        oldest?.plain === true && this.#line === null && this.#isPositive(chunk, start, lf)
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
    const arrived = this.#arrived;
    while (!body.ended && (arrived.place < arrived.chunk.octets.length || this.#take())) {
      const octets = body.read(arrived.chunk.octets, arrived.place);
      arrived.place = body.at;
      this.#octets += octets.length;
      if (this.#octets > this.#mostOctets)
        throw this.#fatal(new LimitExceededError(this.#bodyLimit.name, this.#bodyLimit.octets));
      this.#afterBody = body.ended;
      if (octets.length > 0) return octets;
    }
    return body.ended ? null : undefined;
  }

  /** The multi-line reply whose status line was read last may have no more octets than this. */
  boundBody(name: string, octets: number): void {
    if (octets < this.#bodyLimit.octets) this.#limitBody({ name, octets });
  }

  #limitBody(limit: BodyLimit): void {
    this.#bodyLimit = limit;
    this.#mostOctets = this.#octetsBefore + limit.octets;
  }

  /** Goes on to what came next; false: nothing has. */
  #take(): boolean {
    const chunk = this.#arrived.next();
    if (chunk === null) return false;
    const oldest = this.#unanswered.oldest(chunk.after);
    this.#listener.taken(chunk, this.#body.ended && this.#unanswered.secretsOf(oldest).length > 0);
    return true;
  }

  /** A whole line, not too long, that begins with `+OK`. */
  #isPositive(chunk: Buffer, start: number, lf: number): boolean {
    return (
      chunk[start] === 0x2b &&
      chunk[start + 1] === 0x4f &&
      chunk[start + 2] === 0x4b &&
      lf > start &&
      lf - start < this.#limits.statusLineOctets
    );
  }

  /** Most replies: neither are they looked at as text nor do they change the state. */
  #positive(oldest: Expected, chunk: Buffer, start: number, lf: number): StatusLine {
    this.#arrived.place = lf + 1;
    this.#afterBody = false;
    const bareLf = chunk[lf - 1] !== CR;
    return this.#answer(oldest, bareLf, true, null, {
      octets: chunk,
      start: start + 3,
      end: bareLf ? lf : lf - 1,
    });
  }

  #readLine(chunk: Buffer, start: number, lf: number, oldest: Expected | undefined): Reply | undefined {
    if (this.#state === "STLS") throw this.#fatal(new StlsInjectionError());
    const end = lf < 0 ? chunk.length : lf + 1;
    this.#arrived.place = end;
    if (this.#line === null) return this.#linePart(chunk, start, end, lf >= 0, oldest);
    const line = Buffer.concat([this.#line, chunk.subarray(start, end)]);
    return this.#linePart(line, 0, line.length, lf >= 0, oldest);
  }

  /** The beginning of a status line, or with its line end the whole. */
  #linePart(
    octets: Buffer,
    start: number,
    end: number,
    whole: boolean,
    oldest: Expected | undefined,
  ): Reply | undefined {
    const stray = this.#afterBody && isEmptyLine(octets, start, end);
    // One, and only here: elsewhere it would hide that replies are out of step.
    if (whole || !stray) this.#afterBody = false;
    const limit =
      oldest === undefined || oldest.rule.challenge === null ? "statusLineOctets" : "challengeOctets";
    if (end - start > this.#limits[limit]) {
      throw this.#fatal(
        oldest?.verb === "GREETING" ? new NotPop3Error() : new LimitExceededError(limit, this.#limits[limit]),
      );
    }
    if (!stray && oldest === undefined && !mayBeRefusal(octets, start, end))
      throw this.#fatal(new ProtocolError("octets arrived that no command had asked for"));
    // A copy: the chunk may be large.
    this.#line = whole ? null : Buffer.from(octets.subarray(start, end));
    return whole && !stray ? this.#reply(octets, start, end, oldest) : undefined;
  }

  #reply(octets: Buffer, start: number, end: number, oldest: Expected | undefined): Reply {
    const bareLf = octets[end - 2] !== CR || end - start < 2;
    const line = octets.subarray(start, end - (bareLf ? 1 : 2));
    const parsed = parseStatus(line);
    const secrets = this.#unanswered.secretsOf(oldest);
    const status = parsed === null || secrets.length === 0 ? parsed : withoutSecrets(parsed, secrets);
    if (oldest === undefined) throw this.#fatal(new ConnectionClosedError(status));
    const challenge = this.#challenge(line, status, oldest);
    if (challenge !== null) return challenge;
    if (status !== null) return this.#status(oldest, bareLf, status);
    throw this.#fatal(
      oldest.verb === "GREETING"
        ? new NotPop3Error()
        : new ProtocolError(`the reply to ${oldest.verb} begins with neither +OK nor -ERR`),
    );
  }

  #status(oldest: Expected, bareLf: boolean, status: Status): StatusLine {
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
    { verb, framing }: Expected,
    bareLf: boolean,
    ok: boolean,
    responseCode: string | null,
    text: StatusText | TextPlace,
  ): StatusLine {
    this.#unanswered.answer();
    this.#lastWords = null;
    const more = ok && framing !== "line";
    if (more) {
      // A message may hold bare LFs, so a server that has shown that it writes CRLF is held to it.
      this.#body.begin(framing !== "content" || (bareLf && this.#bareLf));
      this.#framing = framing;
      this.#octetsBefore = this.#octets;
      this.#limitBody(this.#bodyLimits[framing]);
    }
    return new StatusLine(verb, ok, responseCode, more, text);
  }

  #challenge(line: Buffer, status: Status | null, oldest: Expected): Challenge | null {
    const { challenge } = oldest.rule;
    if (challenge === null) return null;
    // Nobody is logged in by AUTH and a mechanism's name alone: some servers say +OK where they mean "+ ".
    const asked = oldest.verb === "AUTH" && status?.ok === true && oldest.unanswered;
    const base64 = asked ? "" : parseChallenge(line.toString("latin1"));
    if (base64 === null) return null;
    this.#unanswered.answer();
    this.#state = challenge;
    return { kind: "challenge", base64 };
  }

  /** Nothing more is read. */
  #close(): void {
    this.#state = "CLOSED";
    this.#arrived.clear();
  }

  #fatal(error: Pop3Error): Pop3Error {
    this.#close();
    this.#listener.fatal(error);
    return error;
  }
}
