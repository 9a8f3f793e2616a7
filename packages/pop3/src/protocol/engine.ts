import { ConnectionClosedError } from "../errors/connection.ts";
import type { Pop3Error } from "../errors/error.ts";
import { LimitExceededError, NotPop3Error, ProtocolError } from "../errors/reply.ts";
import { StlsInjectionError } from "../errors/tls.ts";
import { WrongStateError } from "../errors/usage.ts";
import { BodyDecoder } from "./body.ts";
import type { Command } from "./command.ts";
import type { Limits } from "./limits.ts";
import { Queue } from "./queue.ts";
import { mask, parseChallenge, parseStatus, type Status, withoutSecrets } from "./status.ts";
import { bodyLimit, type Framing, type State, type Verb, type VerbRule, verbs } from "./verbs.ts";

/** A status line; `more`: a multi-line reply follows, as `data` events and one `end`. */
export interface StatusEvent extends Status {
  readonly kind: "status";
  readonly verb: Verb;
  readonly more: boolean;
}

/** A challenge (RFC 5034 section 4), in base64. */
export interface ChallengeEvent {
  readonly kind: "challenge";
  readonly base64: string;
}

/**
 * What octets mean. `data` is un-stuffed and without the terminator; mostly a slice of the input, not a copy.
 * After `fatal` the engine takes nothing more.
 */
export type EngineEvent =
  | StatusEvent
  | ChallengeEvent
  | { readonly kind: "data"; readonly octets: Uint8Array }
  | { readonly kind: "end" }
  | { readonly kind: "fatal"; readonly error: Pop3Error };

interface Expected {
  readonly verb: Verb;
  readonly rule: VerbRule;
  readonly framing: Framing;
  /** What the reply must not repeat; empty unless the command carries a secret. */
  readonly secrets: readonly string[];
  /** AUTH without an initial response. */
  readonly unanswered: boolean;
}

interface Body {
  readonly decoder: BodyDecoder;
  readonly limit: keyof Limits;
  octets: number;
}

const LF = 0x0a;
const CR = 0x0d;
const nothing = Buffer.alloc(0);

/**
 * From this number of pieces on, what a chunk holds of a reply is copied: a mail of dots must not turn into a
 * million small slices.
 */
const piecesToCopy = 16;

function expected(verb: Verb, framing: Framing): Expected {
  return { verb, rule: verbs[verb], framing, secrets: [], unanswered: false };
}

/**
 * The protocol without I/O: commands to octets, octets to events. Replies carry no tag, so the queue of
 * unanswered commands decides how each reply is framed. Octets may arrive in any split.
 */
export class Engine {
  readonly #limits: Limits;
  #state: State = "GREETING";
  /** Those of the last login. */
  #secrets: readonly string[] = [];
  readonly #expected = new Queue<Expected>();
  /** The beginning of a status line that came with an earlier chunk. */
  #line: Buffer = nothing;
  /** The greeting ended in a bare LF. */
  #bareLf: boolean = false;
  /** A multi-line reply has just ended: some servers send an empty line after it. */
  #afterBody: boolean = false;
  #body: Body | null = null;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#expected.push(expected("GREETING", "line"));
  }

  /** Commands whose reply has not begun. */
  get unanswered(): number {
    return this.#expected.length;
  }

  /** True while a reply is awaited for which a server has nothing to look up: before a login, and not to it. */
  get preLogin(): boolean {
    const before = this.#state === "GREETING" || this.#state === "AUTHORIZATION";
    return before && (this.#body !== null || this.#expected.peek()?.rule.prelude === true);
  }

  /**
   * True while the oldest unanswered command belongs to a login: what arrives now may echo a secret. So may
   * what nobody has asked for.
   */
  get secretOutstanding(): boolean {
    const oldest = this.#expected.peek();
    return this.#body === null && (oldest === undefined ? this.#secrets : oldest.secrets).length > 0;
  }

  /** The octets of a command, and the same for a log, secrets masked. Throws WrongStateError. */
  send(command: Command): { readonly octets: string; readonly shown: string } {
    const { verb, argument } = command;
    const rule: VerbRule = verbs[verb];
    if (!rule.states.includes(this.#state))
      throw new WrongStateError(`${verb} has no place in ${this.#state}`);
    const oldest = this.#expected.peek();
    if (oldest !== undefined && (rule.alone === true || oldest.rule.alone === true)) {
      throw new WrongStateError(`${verb} is not sent while ${oldest.verb} is unanswered`);
    }
    const framing = argument === null ? rule.framing : (rule.framingWithArgument ?? rule.framing);
    const text = argument ?? "";
    const named = argument === null ? verb : `${verb} ${text}`;
    const octets = `${rule.bare === true ? text : named}\r\n`;
    if (rule.shownWords === undefined) {
      this.#expected.push(expected(verb, framing));
      return { octets, shown: octets };
    }
    const [open, secret] = cutAfter(text, rule.shownWords);
    // In the middle of a SASL exchange also what went before.
    const earlier = rule.bare === true ? this.#secrets : [];
    const fresh = [secret, ...(command.masked ?? [])].filter((one) => one !== "" && one !== cancel);
    const secrets = [...new Set([...fresh, ...earlier])];
    this.#expected.push({ verb, rule, framing, secrets, unanswered: secret === "" });
    this.#secrets = secrets;
    const hidden = secret === "" || secret === cancel ? secret : mask;
    const shown = [...(rule.bare === true ? [] : [verb]), open, hidden].filter((word) => word !== "");
    return { octets, shown: `${shown.join(" ")}\r\n` };
  }

  /** TLS stands: the session is where the greeting had left it (RFC 2595 section 4). */
  tlsStarted(): void {
    this.#state = "AUTHORIZATION";
  }

  /** What the octets mean, in order. */
  receive(octets: Uint8Array): EngineEvent[] {
    const chunk = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
    const events: EngineEvent[] = [];
    let at = 0;
    while (at < chunk.length && this.#state !== "CLOSED") {
      const body = this.#body;
      at = body === null ? this.#receiveLine(chunk, at, events) : this.#receiveBody(body, chunk, at, events);
    }
    return events;
  }

  #receiveBody(body: Body, chunk: Buffer, start: number, events: EngineEvent[]): number {
    const pieces: Uint8Array[] = [];
    const end = body.decoder.feed(chunk, start, pieces);
    for (const octets of pieces.length < piecesToCopy ? pieces : [Buffer.concat(pieces)]) {
      body.octets += octets.length;
      events.push({ kind: "data", octets });
    }
    if (body.octets > this.#limits[body.limit]) {
      this.#fatal(new LimitExceededError(body.limit, this.#limits[body.limit]), events);
    } else if (end >= 0) {
      this.#body = null;
      this.#afterBody = true;
      events.push(bodyEnd);
    }
    return end < 0 ? chunk.length : end;
  }

  #receiveLine(chunk: Buffer, start: number, events: EngineEvent[]): number {
    if (this.#state === "STLS") {
      this.#fatal(new StlsInjectionError(), events);
      return chunk.length;
    }
    const lf = chunk.indexOf(LF, start);
    const end = lf < 0 ? chunk.length : lf + 1;
    const oldest = this.#expected.peek();
    if (this.#line.length > 0) {
      this.#line = Buffer.concat([this.#line, chunk.subarray(start, end)]);
      this.#linePart(this.#line, 0, this.#line.length, lf >= 0, oldest, events);
    } else {
      this.#linePart(chunk, start, end, lf >= 0, oldest, events);
    }
    return end;
  }

  /** The beginning of a status line, or with its line end the whole. */
  #linePart(
    octets: Buffer,
    start: number,
    end: number,
    whole: boolean,
    oldest: Expected | undefined,
    events: EngineEvent[],
  ): void {
    const limit = oldest?.rule.challenge === undefined ? "statusLineOctets" : "challengeOctets";
    const stray = this.#afterBody && isEmptyLine(octets, start, end);
    // One, and only here: elsewhere it would hide that replies are out of step.
    if (whole || !stray) this.#afterBody = false;
    if (end - start > this.#limits[limit]) {
      this.#fatal(
        oldest?.verb === "GREETING" ? new NotPop3Error() : new LimitExceededError(limit, this.#limits[limit]),
        events,
      );
    } else if (!stray && oldest === undefined && !mayBeRefusal(octets, start, end)) {
      this.#fatal(new ProtocolError("octets arrived that no command had asked for"), events);
    } else if (!whole) {
      // A copy: the chunk may be large.
      this.#line = Buffer.from(octets.subarray(start, end));
    } else {
      this.#line = nothing;
      if (!stray) this.#status(octets, start, end, oldest, events);
    }
  }

  #status(
    octets: Buffer,
    start: number,
    end: number,
    oldest: Expected | undefined,
    events: EngineEvent[],
  ): void {
    const bareLf = octets[end - 2] !== CR || end - start < 2;
    const line = octets.toString("utf8", start, end - (bareLf ? 1 : 2));
    const parsed = parseStatus(line);
    const secrets = oldest === undefined ? this.#secrets : oldest.secrets;
    const status = parsed === null || secrets.length === 0 ? parsed : withoutSecrets(parsed, secrets);
    if (oldest === undefined) {
      this.#fatal(new ConnectionClosedError(status), events);
    } else if (this.#challenged(line, status, oldest, events)) {
      return;
    } else if (status === null) {
      this.#fatal(
        oldest.verb === "GREETING"
          ? new NotPop3Error()
          : new ProtocolError(`the reply to ${oldest.verb} begins with neither +OK nor -ERR`),
        events,
      );
    } else {
      const { verb, rule, framing } = oldest;
      this.#expected.shift();
      if (verb === "GREETING") this.#bareLf = bareLf;
      this.#state = (status.ok ? rule.ok : rule.err) ?? this.#state;
      const more = status.ok && framing !== "line";
      if (more) {
        // A message may hold bare LFs, so a server that has shown that it writes CRLF is held to it.
        const lenient = framing !== "content" || (bareLf && this.#bareLf);
        this.#body = { decoder: new BodyDecoder(lenient), limit: bodyLimit[framing], octets: 0 };
      }
      const { ok, statusText, responseCode } = status;
      events.push({ kind: "status", verb, ok, statusText, responseCode, more });
    }
  }

  #challenged(line: string, status: Status | null, oldest: Expected, events: EngineEvent[]): boolean {
    const { challenge } = oldest.rule;
    if (challenge === undefined) return false;
    // Nobody is logged in by AUTH and a mechanism's name alone: some servers say +OK where they mean "+ ".
    const asked = oldest.verb === "AUTH" && status?.ok === true && oldest.unanswered;
    const base64 = asked ? "" : parseChallenge(line);
    if (base64 === null) return false;
    this.#expected.shift();
    this.#state = challenge;
    events.push({ kind: "challenge", base64 });
    return true;
  }

  #fatal(error: Pop3Error, events: EngineEvent[]): void {
    this.#state = "CLOSED";
    events.push({ kind: "fatal", error });
  }
}

const bodyEnd: EngineEvent = { kind: "end" };

/** The beginning or the whole of a line without text. */
function isEmptyLine(octets: Buffer, start: number, end: number): boolean {
  const length = end - start;
  return octets[start] === LF || (octets[start] === CR && (length === 1 || octets[start + 1] === LF));
}

/** RFC 5034 section 4: the client gives up. No secret. */
const cancel = "*";

/** The first words, and what follows them. */
function cutAfter(text: string, words: number): readonly [string, string] {
  if (words === 0) return ["", text];
  const space = text.indexOf(" ");
  return space < 0 ? [text, ""] : [text.slice(0, space), text.slice(space + 1)];
}

/** A server that is about to close may say `-ERR` unasked (idle for too long, shutting down). */
function mayBeRefusal(octets: Buffer, start: number, end: number): boolean {
  return "-ERR".startsWith(octets.toString("latin1", start, Math.min(end, start + 4)));
}
