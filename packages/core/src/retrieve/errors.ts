import { ServerError } from "../errors.ts";
import type { Candidate } from "../listing/candidate.ts";

/**
 * A reply to RETR had fewer octets than listed, or one to TOP ended before the header did, and the session cannot be trusted
 * any more.
 */
export class SuspectReplyError extends ServerError {
  readonly candidate: Candidate;
  readonly command: "RETR" | "TOP";

  constructor(candidate: Candidate, command: "RETR" | "TOP", options?: { cause?: unknown }) {
    const { messageNumber } = candidate;
    const what =
      command === "RETR"
        ? `message ${messageNumber} ended before its listed octets`
        : `the header of message ${messageNumber} ended without an empty line`;
    super("suspect-reply", `${what}; the session cannot be trusted any more`, options);
    this.candidate = candidate;
    this.command = command;
  }
}

/** A reply to RETR went on far beyond what is listed and allowed, and the session was closed. */
export class OverlongMessageError extends ServerError {
  readonly candidate: Candidate;

  constructor(candidate: Candidate, most: number) {
    const { messageNumber, listedOctets } = candidate;
    const listed = listedOctets === null ? "" : ` (the server lists ${listedOctets})`;
    super(
      "overlong-message",
      `message ${messageNumber} has not ended after ${Math.floor(most)} octets${listed}, and was given up`,
    );
    this.candidate = candidate;
  }
}
