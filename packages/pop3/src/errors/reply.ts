import { Pop3Error } from "./error.ts";

/** Whoever answers there does not greet as a POP3 server does. */
export class NotPop3Error extends Pop3Error {
  readonly code = "POP3_NOT_POP3";

  constructor() {
    super("the greeting is not that of a POP3 server");
  }
}

/** The server sent something that cannot be a reply, or octets that no command had asked for. */
export class ProtocolError extends Pop3Error {
  readonly code = "POP3_PROTOCOL_ERROR";
}

/**
 * A marker of `retrBlocks`, `LIST n`, was not answered as itself: the server has left out or repeated a reply, and replies
 * behind that were read as those to other commands.
 */
export class OutOfStepError extends Pop3Error {
  readonly code = "POP3_OUT_OF_STEP";
  /** The message that the marker named. */
  readonly messageNumber: number;

  constructor(messageNumber: number) {
    super(`the reply to LIST ${messageNumber} belongs to another command: replies are out of step`);
    this.messageNumber = messageNumber;
  }
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

/** The server sent more than a named limit allows. */
export class LimitExceededError extends Pop3Error {
  readonly code = "POP3_LIMIT_EXCEEDED";
  /** Name of the option in `limits`, or `mostOctets` of a retrieval. */
  readonly limit: string;

  constructor(limit: string, most: number, sessionUsable = false, unit = "octets") {
    super(`the server sent more than ${most} ${unit} (limit ${limit})`, { sessionUsable });
    this.limit = limit;
  }
}
