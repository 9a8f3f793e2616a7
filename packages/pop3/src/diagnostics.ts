import { channel } from "node:diagnostics_channel";
import type { Pop3ErrorCode } from "./errors/error.ts";
import type { StatusEvent } from "./protocol/engine.ts";

/** The server that a diagnostics message is about. */
export interface DiagnosticsPeer {
  readonly host: string;
  readonly port: number;
  readonly security: "tls" | "stls" | "plain";
}

/** Published on `mailonce:pop3:reply` when a reply has come to its end. Holds no argument, text or secret. */
export interface ReplyMessage extends DiagnosticsPeer {
  /** GREETING, and RESPONSE for an answer to a SASL challenge, besides the commands. */
  readonly verb: string;
  readonly ok: boolean;
  readonly responseCode: string | null;
  /** Of a multi-line reply, un-stuffed; 0 for a status line alone. */
  readonly octets: number;
  /** From when the command was given to the socket (pipelined ones wait for those before) to the status line. */
  readonly statusMs: number;
  /** The same to the end of the reply, however slowly it was consumed. */
  readonly endMs: number;
}

/** Published on `mailonce:pop3:session` when a session has ended. */
export interface SessionMessage extends DiagnosticsPeer {
  /** How: POP3_SESSION_CLOSED after `close` and `quit`, otherwise what broke it. */
  readonly code: Pop3ErrorCode;
  readonly commands: number;
  /** Received, of all replies, un-stuffed and without status lines. */
  readonly octets: number;
  readonly ms: number;
}

const replies = channel("mailonce:pop3:reply");
const sessions = channel("mailonce:pop3:session");

/** Counts and times one session for `node:diagnostics_channel`; next to nothing while nobody listens. */
export class Meter {
  readonly #peer: DiagnosticsPeer;
  readonly #start = performance.now();
  /** When the unanswered commands were sent, if somebody listened then. */
  #sent: number[] = [this.#start];
  #reply: { readonly status: StatusEvent; readonly sentAt: number; readonly statusMs: number } | null = null;
  #replyOctets = 0;
  #commands = 0;
  #octets = 0;

  constructor(peer: DiagnosticsPeer) {
    this.#peer = peer;
  }

  sent(): void {
    this.#commands++;
    if (replies.hasSubscribers) this.#sent.push(performance.now());
  }

  status(status: StatusEvent): void {
    if (!replies.hasSubscribers) {
      if (this.#sent.length > 0) this.#sent = [];
      return;
    }
    const now = performance.now();
    const sentAt = this.#sent.shift() ?? now;
    this.#reply = { status, sentAt, statusMs: now - sentAt };
    this.#replyOctets = 0;
    if (!status.more) this.end();
  }

  /** A challenge answers a command, too. */
  challenge(): void {
    this.#sent.shift();
  }

  data(octets: number): void {
    this.#octets += octets;
    this.#replyOctets += octets;
  }

  end(): void {
    const reply = this.#reply;
    this.#reply = null;
    if (reply === null) return;
    const { verb, ok, responseCode } = reply.status;
    const { sentAt, statusMs } = reply;
    const endMs = performance.now() - sentAt;
    const message: ReplyMessage = {
      ...this.#peer,
      verb,
      ok,
      responseCode,
      octets: this.#replyOctets,
      statusMs,
      endMs,
    };
    replies.publish(message);
  }

  ended(code: Pop3ErrorCode): void {
    if (!sessions.hasSubscribers) return;
    const ms = performance.now() - this.#start;
    const message: SessionMessage = {
      ...this.#peer,
      code,
      commands: this.#commands,
      octets: this.#octets,
      ms,
    };
    sessions.publish(message);
  }
}
