import { codeOf, Pop3Error } from "./error.ts";
import { type Advice, adviceOf, type Refusal } from "./refusal.ts";

/**
 * No connection: host unknown, refused, unreachable. `systemCode` is Node's, such as ENOTFOUND or
 * ECONNREFUSED.
 */
export class ConnectFailedError extends Pop3Error {
  readonly code = "POP3_CONNECT_FAILED";
  readonly systemCode: string | null;

  constructor(host: string, port: number, cause: unknown) {
    const systemCode = codeOf(cause);
    super(`cannot connect to ${host}:${port}${systemCode === null ? "" : ` (${systemCode})`}`, { cause });
    this.systemCode = systemCode;
  }
}

/** The server closed the connection; if it said why (`-ERR`, unasked or last), its words stand here. */
export class ConnectionClosedError extends Pop3Error {
  readonly code = "POP3_CONNECTION_CLOSED";
  readonly statusText: string | null;
  /** The octets of that text; see {@link Refusal}. */
  readonly statusOctets: Uint8Array | null;
  readonly responseCode: string | null;
  /** How many commands were unanswered; see {@link TimeoutError}. */
  readonly unanswered: number;

  constructor(lastWords: Refusal | null, cause?: unknown, unanswered = 0) {
    super(
      `the server closed the connection${lastWords === null ? "" : `: -ERR ${lastWords.statusText}`}${
        codeOf(cause) === null ? "" : ` (${codeOf(cause)})`
      }`,
      { cause },
    );
    this.statusText = lastWords?.statusText ?? null;
    this.statusOctets = lastWords && (lastWords.statusOctets ?? Buffer.from(lastWords.statusText));
    this.responseCode = lastWords?.responseCode ?? null;
    this.unanswered = unanswered;
  }

  /** See {@link Advice}. */
  get advice(): Advice {
    return adviceOf(this.responseCode);
  }
}

/**
 * What a {@link TimeoutError} waited for: a connection, a TLS handshake, a reply before the login (`preLogin`), any other
 * reply, the rest of a reply (`idle`), the end of a listing, or octets that come too slowly (`rate`).
 */
export type TimeoutPhase = "connect" | "tls" | "preLogin" | "reply" | "idle" | "listing" | "rate";

/**
 * A time limit passed. If more than one command was unanswered, the server may be one that says PIPELINING but loses
 * commands that arrive together: connect to it with `pipelining: false` from then on.
 */
export class TimeoutError extends Pop3Error {
  readonly code = "POP3_TIMEOUT";
  readonly phase: TimeoutPhase;
  /** How many commands were unanswered. */
  readonly unanswered: number;

  constructor(phase: TimeoutPhase, ms: number, unanswered = 0) {
    const what =
      phase === "rate"
        ? "the server sends too slowly, for"
        : `no ${phase === "listing" ? "end of the listing" : "answer"} from the server within`;
    super(`${what} ${ms} ms (${phase}${unanswered > 1 ? `, ${unanswered} commands in flight` : ""})`);
    this.phase = phase;
    this.unanswered = unanswered;
  }
}

/** The caller's AbortSignal fired; its reason is the `cause`. */
export class AbortedError extends Pop3Error {
  readonly code = "POP3_ABORTED";

  constructor(reason: unknown) {
    super("aborted", { cause: reason });
  }
}
