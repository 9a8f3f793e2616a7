import {
  ConnectionClosedError,
  LimitExceededError,
  NotPop3Error,
  type Pop3Error,
  ProtocolError,
  StlsInjectionError,
  WrongStateError,
} from "../errors.ts";
import { BodyDecoder } from "./body.ts";
import type { Command } from "./command.ts";
import type { Limits } from "./limits.ts";
import { parseStatus, type Status } from "./status.ts";
import { bodyLimit, type Framing, type State, type Verb, type VerbRule, verbs } from "./verbs.ts";

/** A status line; `more`: a multi-line reply follows, as `data` events and one `end`. */
export interface StatusEvent extends Status {
  readonly kind: "status";
  readonly verb: Verb;
  readonly more: boolean;
}

/**
 * What octets mean. `data` is un-stuffed and without the terminator; mostly a slice of the input, not a copy.
 * After `fatal` the engine takes nothing more.
 */
export type EngineEvent =
  | StatusEvent
  | { readonly kind: "data"; readonly octets: Uint8Array }
  | { readonly kind: "end" }
  | { readonly kind: "fatal"; readonly error: Pop3Error };

interface Expected {
  readonly verb: Verb;
  readonly framing: Framing;
  readonly secret: string | null;
}

const LF = 0x0a;
const CR = 0x0d;
const nothing = Buffer.alloc(0);
const mask = "****";

/**
 * The protocol without I/O: commands to octets, octets to events. Replies carry no tag, so the queue of
 * unanswered commands decides how each reply is framed. Octets may arrive in any split.
 */
export class Engine {
  readonly #limits: Limits;
  #state: State = "GREETING";
  readonly #expected: Expected[] = [{ verb: "GREETING", framing: "line", secret: null }];
  #line: Buffer = nothing;
  #body: { readonly decoder: BodyDecoder; readonly limit: keyof Limits; octets: number } | null = null;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get state(): State {
    return this.#state;
  }

  /** True while the oldest unanswered command carries a secret: what arrives now may echo it. */
  get secretOutstanding(): boolean {
    return (this.#expected[0]?.secret ?? null) !== null;
  }

  /** The octets of a command, and the same for a log, secrets masked. Throws WrongStateError. */
  send(command: Command): { readonly octets: string; readonly shown: string } {
    const { verb, argument } = command;
    const rule: VerbRule = verbs[verb];
    if (!rule.states.includes(this.#state))
      throw new WrongStateError(`${verb} has no place in ${this.#state}`);
    const oldest = this.#expected[0];
    if (oldest !== undefined && (rule.alone === true || (verbs[oldest.verb] as VerbRule).alone === true)) {
      throw new WrongStateError(`${verb} is not sent while ${oldest.verb} is unanswered`);
    }
    const secret = rule.secret === true ? argument : null;
    const framing = argument === null ? rule.framing : (rule.framingWithArgument ?? rule.framing);
    this.#expected.push({ verb, framing, secret });
    const octets = argument === null ? `${verb}\r\n` : `${verb} ${argument}\r\n`;
    return { octets, shown: secret === null ? octets : `${verb} ${mask}\r\n` };
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
      at = this.#body === null ? this.#receiveLine(chunk, at, events) : this.#receiveBody(chunk, at, events);
    }
    return events;
  }

  #receiveBody(chunk: Buffer, start: number, events: EngineEvent[]): number {
    const body = this.#body;
    if (body === null) return start;
    const { pieces, end } = body.decoder.feed(chunk, start);
    for (const octets of pieces) {
      body.octets += octets.length;
      events.push({ kind: "data", octets });
    }
    if (body.octets > this.#limits[body.limit]) {
      this.#fatal(new LimitExceededError(body.limit, this.#limits[body.limit]), events);
    } else if (end >= 0) {
      this.#body = null;
      events.push({ kind: "end" });
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
    const part = chunk.subarray(start, end);
    const line = this.#line.length === 0 ? part : Buffer.concat([this.#line, part]);
    const expected = this.#expected[0];
    if (line.length > this.#limits.statusLineOctets) {
      this.#fatal(
        expected?.verb === "GREETING"
          ? new NotPop3Error()
          : new LimitExceededError("statusLineOctets", this.#limits.statusLineOctets),
        events,
      );
    } else if (expected === undefined && !mayBeRefusal(line)) {
      this.#fatal(new ProtocolError("octets arrived that no command had asked for"), events);
    } else if (lf < 0) {
      this.#line = Buffer.from(line);
    } else {
      this.#line = nothing;
      const bareLf = line[line.length - 2] !== CR;
      this.#status(line.toString("utf8", 0, line.length - (bareLf ? 1 : 2)), bareLf, expected, events);
    }
    return end;
  }

  #status(line: string, bareLf: boolean, expected: Expected | undefined, events: EngineEvent[]): void {
    const secret = expected?.secret ?? null;
    const status = parseStatus(secret === null ? line : line.replaceAll(secret, mask));
    if (expected === undefined) {
      this.#fatal(new ConnectionClosedError(status), events);
    } else if (status === null) {
      this.#fatal(
        expected.verb === "GREETING"
          ? new NotPop3Error()
          : new ProtocolError(`the reply to ${expected.verb} begins with neither +OK nor -ERR`),
        events,
      );
    } else {
      const { verb, framing } = expected;
      const rule: VerbRule = verbs[verb];
      this.#expected.shift();
      this.#state = (status.ok ? rule.ok : rule.err) ?? this.#state;
      if (status.ok && framing !== "line") {
        const decoder = new BodyDecoder(bareLf || framing !== "content");
        this.#body = { decoder, limit: bodyLimit[framing], octets: 0 };
      }
      const { ok, statusText, responseCode } = status;
      events.push({ kind: "status", verb, ok, statusText, responseCode, more: this.#body !== null });
    }
  }

  #fatal(error: Pop3Error, events: EngineEvent[]): void {
    this.#state = "CLOSED";
    events.push({ kind: "fatal", error });
  }
}

/** A server that is about to close may say `-ERR` unasked (idle for too long, shutting down). */
function mayBeRefusal(line: Buffer): boolean {
  const start = line.toString("latin1", 0, 4);
  return "-ERR".startsWith(start);
}
