/** The stable codes of {@link Pop3Error}. */
export type Pop3ErrorCode =
  | "POP3_ABORTED"
  | "POP3_COMMAND_REFUSED"
  | "POP3_CONNECT_FAILED"
  | "POP3_CONNECTION_CLOSED"
  | "POP3_GREETING_REFUSED"
  | "POP3_INVALID_ARGUMENT"
  | "POP3_LIMIT_EXCEEDED"
  | "POP3_LOGIN_REFUSED"
  | "POP3_MALFORMED_REPLY"
  | "POP3_NOT_POP3"
  | "POP3_NO_MECHANISM"
  | "POP3_PROTOCOL_ERROR"
  | "POP3_SASL_FAILED"
  | "POP3_SESSION_BUSY"
  | "POP3_SESSION_CLOSED"
  | "POP3_STLS_INJECTION"
  | "POP3_STLS_NOT_OFFERED"
  | "POP3_TIMEOUT"
  | "POP3_TLS_FAILED"
  | "POP3_TLS_UNTRUSTED"
  | "POP3_WRONG_STATE";

/** What the server said with `-ERR`. */
export interface Refusal {
  /** The text after `-ERR`, response code included. */
  readonly statusText: string;
  /** The response code in upper case without its brackets (RFC 2449 section 8, RFC 3206), or null. */
  readonly responseCode: string | null;
}

/**
 * What a response code advises: "later" for IN-USE, LOGIN-DELAY and SYS/TEMP, "stop" for AUTH and SYS/PERM,
 * otherwise "unknown". Codes are hierarchical: SYS/TEMP/X counts as SYS/TEMP (RFC 2449 section 8). Never
 * guessed from the text.
 */
export type Advice = "later" | "stop" | "unknown";

function adviceOf(responseCode: string | null): Advice {
  const is = (code: string): boolean =>
    responseCode === code || responseCode?.startsWith(`${code}/`) === true;
  if (["IN-USE", "LOGIN-DELAY", "SYS/TEMP"].some(is)) return "later";
  return ["AUTH", "SYS/PERM"].some(is) ? "stop" : "unknown";
}

/** Base of every error of this package. `code` is stable; `message` is for people and holds no secret. */
export abstract class Pop3Error extends Error {
  abstract readonly code: Pop3ErrorCode;
  /** True: the session is in step and takes further commands. False: it is closed. */
  readonly sessionUsable: boolean;

  constructor(message: string, options: { readonly sessionUsable?: boolean; readonly cause?: unknown } = {}) {
    super(printable(message), options.cause === undefined ? {} : { cause: options.cause });
    this.name = new.target.name;
    this.sessionUsable = options.sessionUsable ?? false;
  }
}

/** The server answered a command with `-ERR`. */
export class CommandRefusedError extends Pop3Error implements Refusal {
  readonly code: "POP3_COMMAND_REFUSED" | "POP3_LOGIN_REFUSED" | "POP3_GREETING_REFUSED" =
    "POP3_COMMAND_REFUSED";
  readonly verb: string;
  readonly statusText: string;
  readonly responseCode: string | null;

  constructor(verb: string, refusal: Refusal, sessionUsable = true) {
    super(`${verb} was refused: -ERR ${refusal.statusText}`.trimEnd(), { sessionUsable });
    this.verb = verb;
    this.statusText = refusal.statusText;
    this.responseCode = refusal.responseCode;
  }

  /** See {@link Advice}. */
  get advice(): Advice {
    return adviceOf(this.responseCode);
  }
}

/**
 * The server refused the user, the password or the token; `responseCode` and `advice` tell a wrong password
 * from a busy maildrop.
 */
export class LoginRefusedError extends CommandRefusedError {
  override readonly code = "POP3_LOGIN_REFUSED";
  /** The SASL mechanism, or null with USER, PASS and APOP. */
  readonly mechanism: string | null;
  /**
   * What the server said in a challenge before it refused, secrets masked: with XOAUTH2 and OAUTHBEARER a JSON
   * object with `status`, `scope` and the like (RFC 7628 section 3.2.2), with SCRAM `e=` and a reason (RFC 5802
   * section 7). Otherwise null.
   */
  readonly challenge: string | null;

  constructor(
    verb: string,
    refusal: Refusal,
    sasl: { readonly mechanism: string; readonly challenge: string | null } | null = null,
  ) {
    super(sasl === null ? verb : `AUTH ${sasl.mechanism}`, refusal);
    this.mechanism = sasl?.mechanism ?? null;
    this.challenge = sasl?.challenge ?? null;
  }
}

/**
 * No credential was sent: no mechanism is left that the server offers, that the credentials fit, and that does not
 * reveal them on a line without TLS.
 */
export class NoMechanismError extends Pop3Error {
  readonly code = "POP3_NO_MECHANISM";
  /** SASL mechanisms that the server lists. */
  readonly offered: readonly string[];

  constructor(offered: readonly string[], encrypted: boolean) {
    const line = encrypted ? "" : " on a line without TLS";
    const list = offered.length === 0 ? "no SASL mechanism" : offered.join(" ");
    super(`no way to log in${line}: the server offers ${list}`, { sessionUsable: true });
    this.offered = offered;
  }
}

/**
 * A SASL exchange in which the server did not do its part; the client has cancelled it. With SCRAM it may
 * mean that the server does not know the password and only claims to be the right one.
 */
export class SaslError extends Pop3Error {
  readonly code = "POP3_SASL_FAILED";
  readonly mechanism: string;

  constructor(mechanism: string, reason: string, sessionUsable = true) {
    super(`${mechanism}: ${reason}`, { sessionUsable });
    this.mechanism = mechanism;
  }
}

/** The server greeted with `-ERR`: usually it is busy. */
export class GreetingRefusedError extends CommandRefusedError {
  override readonly code = "POP3_GREETING_REFUSED";

  constructor(refusal: Refusal) {
    super("the connection", refusal, false);
  }
}

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

/** The TLS handshake failed for another reason than the certificate (often: the port does not talk TLS). */
export class TlsFailedError extends Pop3Error {
  readonly code = "POP3_TLS_FAILED";

  constructor(host: string, cause: unknown) {
    super(`no TLS with ${host}${codeOf(cause) === null ? "" : ` (${codeOf(cause)})`}`, { cause });
  }
}

/**
 * The server's certificate is not trusted. `tlsCode` is Node's, such as DEPTH_ZERO_SELF_SIGNED_CERT, or
 * PIN_MISMATCH: it is valid, but not one of those that were asked for.
 */
export class TlsUntrustedError extends Pop3Error {
  readonly code = "POP3_TLS_UNTRUSTED";
  readonly tlsCode: string;

  constructor(host: string, cause: unknown) {
    const tlsCode = codeOf(cause) ?? "UNKNOWN";
    super(`the certificate of ${host} is not trusted (${tlsCode})`, { cause });
    this.tlsCode = tlsCode;
  }
}

/** STLS was required, and the server does not offer it or refuses it. Nothing was sent in the clear. */
export class StlsNotOfferedError extends Pop3Error {
  readonly code = "POP3_STLS_NOT_OFFERED";
}

/**
 * Plaintext stood behind the reply to STLS: somebody is injecting replies (the client's twin of
 * CVE-2011-0411).
 */
export class StlsInjectionError extends Pop3Error {
  readonly code = "POP3_STLS_INJECTION";

  constructor() {
    super("octets arrived between the reply to STLS and the TLS handshake");
  }
}

/** What answers there does not greet as a POP3 server does. */
export class NotPop3Error extends Pop3Error {
  readonly code = "POP3_NOT_POP3";

  constructor() {
    super("the greeting is not that of a POP3 server");
  }
}

/** The server sent what no reply may look like, or octets that nobody had asked for. */
export class ProtocolError extends Pop3Error {
  readonly code = "POP3_PROTOCOL_ERROR";
}

/** A reply was read to its end but part of it makes no sense; the session is in step. */
export class MalformedReplyError extends Pop3Error {
  readonly code = "POP3_MALFORMED_REPLY";
  /** The first malformed line as it came, without its line end, cut at 200 octets. */
  readonly line: Uint8Array;
  /** Number of malformed lines. */
  readonly count: number;

  constructor(verb: string, line: Uint8Array, count: number) {
    super(`${count} malformed line(s) in the reply to ${verb}`, { sessionUsable: true });
    this.line = line.slice(0, 200);
    this.count = count;
  }
}

/** The server closed the connection; if it said why (`-ERR`, unasked or last), its words stand here. */
export class ConnectionClosedError extends Pop3Error {
  readonly code = "POP3_CONNECTION_CLOSED";
  readonly statusText: string | null;
  readonly responseCode: string | null;
  /** Commands that were unanswered; see {@link TimeoutError}. */
  readonly unanswered: number;

  constructor(lastWords: Refusal | null, cause?: unknown, unanswered = 0) {
    super(
      `the server closed the connection${lastWords === null ? "" : `: -ERR ${lastWords.statusText}`}${
        codeOf(cause) === null ? "" : ` (${codeOf(cause)})`
      }`,
      { cause },
    );
    this.statusText = lastWords?.statusText ?? null;
    this.responseCode = lastWords?.responseCode ?? null;
    this.unanswered = unanswered;
  }

  /** See {@link Advice}. */
  get advice(): Advice {
    return adviceOf(this.responseCode);
  }
}

/** What a {@link TimeoutError} waited for. */
export type TimeoutPhase = "connect" | "tls" | "preLogin" | "reply" | "idle";

/**
 * A time limit passed. With more than one command unanswered the server may be one that says PIPELINING but
 * loses commands that come together: connect again with `pipelining: false`, and keep that in mind.
 */
export class TimeoutError extends Pop3Error {
  readonly code = "POP3_TIMEOUT";
  readonly phase: TimeoutPhase;
  /** Commands that were unanswered. */
  readonly unanswered: number;

  constructor(phase: TimeoutPhase, ms: number, unanswered = 0) {
    super(
      `no answer from the server within ${ms} ms (${phase}${unanswered > 1 ? `, ${unanswered} commands in flight` : ""})`,
    );
    this.phase = phase;
    this.unanswered = unanswered;
  }
}

/** The server sent more than a named limit allows. */
export class LimitExceededError extends Pop3Error {
  readonly code = "POP3_LIMIT_EXCEEDED";
  /** Name of the option in `limits`. */
  readonly limit: string;

  constructor(limit: string, octets: number, sessionUsable = false) {
    super(`the server sent more than ${octets} octets (limit ${limit})`, { sessionUsable });
    this.limit = limit;
  }
}

/** The caller's AbortSignal fired; its reason is the `cause`. */
export class AbortedError extends Pop3Error {
  readonly code = "POP3_ABORTED";

  constructor(reason: unknown) {
    super("aborted", { cause: reason });
  }
}

/** An argument that must not be sent (CR, LF or NUL, not a message number, ...). Nothing was written. */
export class InvalidArgumentError extends Pop3Error {
  readonly code = "POP3_INVALID_ARGUMENT";

  constructor(message: string) {
    super(message, { sessionUsable: true });
  }
}

/**
 * The command has no place in the session's present state, such as RETR before login. Nothing was written.
 */
export class WrongStateError extends Pop3Error {
  readonly code = "POP3_WRONG_STATE";

  constructor(message: string) {
    super(message, { sessionUsable: true });
  }
}

/** A streamed reply has not been read to its end (nor its iteration left). Nothing was written. */
export class SessionBusyError extends Pop3Error {
  readonly code = "POP3_SESSION_BUSY";

  constructor() {
    super("another reply of this session is still being read", { sessionUsable: true });
  }
}

/**
 * The session was ended by `close`, `quit` or an iteration left early. A session ended by an error repeats
 * that error.
 */
export class SessionClosedError extends Pop3Error {
  readonly code = "POP3_SESSION_CLOSED";

  constructor() {
    super("the session is closed");
  }
}

function codeOf(cause: unknown): string | null {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : null;
}

/** Server text goes into messages that end up on terminals. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}
