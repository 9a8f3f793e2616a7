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
  | "POP3_OUT_OF_STEP"
  | "POP3_PROTOCOL_ERROR"
  | "POP3_SASL_FAILED"
  | "POP3_SESSION_BUSY"
  | "POP3_SESSION_CLOSED"
  | "POP3_STLS_INJECTION"
  | "POP3_STLS_NOT_OFFERED"
  | "POP3_TIMEOUT"
  | "POP3_TLS_EXPECTED"
  | "POP3_TLS_FAILED"
  | "POP3_TLS_UNTRUSTED"
  | "POP3_WRONG_STATE";

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

/** The `code` of a system error; null if it has none. */
export function codeOf(cause: unknown): string | null {
  return cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : null;
}

/** Takes control characters out, because text of the server stands in messages, and these end up on terminals. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}
