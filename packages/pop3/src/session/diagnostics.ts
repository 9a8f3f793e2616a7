import { channel } from "node:diagnostics_channel";
import type { Pop3ErrorCode } from "../errors/error.ts";
import { Queue } from "../protocol/queue.ts";
import type { Reply, StatusLine } from "../protocol/reply.ts";

/** The server that a diagnostics message is about. */
export interface DiagnosticsPeer {
  readonly host: string;
  readonly port: number;
  readonly security: "tls" | "stls" | "plain";
}

/** Published on `mailonce:pop3:reply` when a reply has ended. It holds no argument, text or secret. */
export interface ReplyMessage extends DiagnosticsPeer {
  /** The command's verb; GREETING for the greeting, RESPONSE for an answer to a SASL challenge. */
  readonly verb: string;
  readonly ok: boolean;
  readonly responseCode: string | null;
  /** Octets of a multi-line reply, un-stuffed; 0 for a status line alone. */
  readonly octets: number;
  /** Time until the status line. It begins when the command is written, so a pipelined one also waits for those before it. */
  readonly statusMs: number;
  /** Time until the end of the reply, however slowly it is consumed. */
  readonly endMs: number;
}

/** Published on `mailonce:pop3:session` when a session has ended. */
export interface SessionMessage extends DiagnosticsPeer {
  /** How it ended: POP3_SESSION_CLOSED after `close` and `quit`, otherwise the code of the error that broke it. */
  readonly code: Pop3ErrorCode;
  readonly commands: number;
  /** Octets of all multi-line replies, un-stuffed, without their status lines. */
  readonly octets: number;
  readonly ms: number;
}

const replies = channel("mailonce:pop3:reply");
const sessions = channel("mailonce:pop3:session");

/** Counts and times one session for `node:diagnostics_channel`. It costs next to nothing while nobody listens. */
export class Meter {
  readonly #peer: DiagnosticsPeer;
  readonly #start = performance.now();
  /** When the unanswered commands were sent, as far as somebody listened then. Number 0 stands for the greeting. */
  readonly #sent = new Queue<{ readonly number: number; readonly at: number }>();
  #reply: { readonly status: StatusLine; readonly sentAt: number; readonly statusMs: number } | null = null;
  /** When the octets arrived that are decoded now. */
  #now = this.#start;

  constructor(peer: DiagnosticsPeer) {
    this.#peer = peer;
    this.#sent.push({ number: 0, at: this.#start });
  }

  /** The octets that are decoded from now on arrived at this time. */
  arrived(at: number): void {
    this.#now = at;
  }

  /** Whether somebody listens to the replies. */
  get listening(): boolean {
    return replies.hasSubscribers;
  }

  sent(number: number): void {
    this.#sent.push({ number, at: performance.now() });
  }

  /** Takes a status line or a challenge, which is an answer, too. `number` is the number of the command that it answers. */
  reply(reply: Reply, number: number): void {
    let sent = this.#sent.shift();
    while (sent !== undefined && sent.number < number) sent = this.#sent.shift();
    const sentAt = sent?.at ?? this.#now;
    if (reply.kind === "challenge") return;
    this.#reply = { status: reply, sentAt, statusMs: this.#now - sentAt };
    if (!reply.more) this.end(0);
  }

  /** A reply has ended; `octets` are those of its multi-line part. */
  end(octets: number): void {
    const reply = this.#reply;
    this.#reply = null;
    if (reply === null) return;
    const { verb, ok, responseCode } = reply.status;
    const { sentAt, statusMs } = reply;
    const endMs = this.#now - sentAt;
    const message: ReplyMessage = { ...this.#peer, verb, ok, responseCode, octets, statusMs, endMs };
    replies.publish(message);
  }

  ended(code: Pop3ErrorCode, commands: number, octets: number): void {
    if (!sessions.hasSubscribers) return;
    const ms = performance.now() - this.#start;
    const message: SessionMessage = { ...this.#peer, code, commands, octets, ms };
    sessions.publish(message);
  }
}
