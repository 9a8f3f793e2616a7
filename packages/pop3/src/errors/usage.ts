import { Pop3Error } from "./error.ts";

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
