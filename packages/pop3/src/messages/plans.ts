import type { Pop3Error } from "../errors/error.ts";
import { CommandRefusedError } from "../errors/refusal.ts";
import { LimitExceededError, MalformedReplyError } from "../errors/reply.ts";
import { messageCommand } from "../protocol/command.ts";
import { parseScanListing, type ScanListing } from "../protocol/listing.ts";
import type { Session } from "../session/pop3-session.ts";
import { type Collected, MessageContent } from "./content.ts";
import type { ReplyPlan } from "./pipeline.ts";
import { checkRequest, type RetrRequest, usualOctets } from "./requests.ts";

/** The server refused this message, or it cannot be read. The session and the other messages go on. */
export interface Refused<E extends Pop3Error = CommandRefusedError> {
  readonly kind: "refused";
  readonly messageNumber: number;
  readonly error: E;
}

/** One reply of `retrMany`. What of the content was not read when the next reply is asked for is thrown away. */
export type RetrReply =
  | {
      readonly kind: "message";
      readonly messageNumber: number;
      readonly listedOctets: number | null;
      readonly content: MessageContent;
    }
  | Refused;

/** A message in a block, whole and un-stuffed. */
export interface WholeMessage {
  readonly kind: "message";
  readonly messageNumber: number;
  readonly listedOctets: number | null;
  /** Mostly a slice of what the socket received; see MessageContent. */
  readonly octets: Uint8Array;
}

/** A reply to RETR in a block: the message or its refusal. */
export type WholeReply = WholeMessage | Refused;

/**
 * A part of what `retrBlocks` gives.
 *
 * - `block`: replies in the order of their requests, all of them in step, and with them all that was streamed since the last
 *   block. It may be empty.
 * - `stream`: a large message. It is read once, before the next part is asked for; what was not read then is thrown away.
 *   That it is in step is known when the next block is given. If LIST has said too little of it, messages that were asked for
 *   before it come in that block.
 * - `suspect`: a pipelined message ended after `octets`, fewer than were listed; see MessageContent. It is the last part, and
 *   the session is closed. Neither it nor the messages that came since the last block are given, for it may have forged them.
 *   Without pipelining there is no such part: a short message comes like others.
 */
export type RetrPart =
  | { readonly kind: "block"; readonly replies: readonly WholeReply[] }
  | {
      readonly kind: "stream";
      readonly messageNumber: number;
      readonly listedOctets: number | null;
      readonly content: MessageContent;
    }
  | {
      readonly kind: "suspect";
      readonly messageNumber: number;
      readonly listedOctets: number;
      readonly octets: number;
    };

/**
 * The header block as the server gave it, with the empty line after it. Where that is missing, the header may have been cut
 * at a line "." that the server did not stuff; then the message itself may have forged all later replies of a pipelined exchange.
 */
export interface WholeHeader {
  readonly kind: "header";
  readonly messageNumber: number;
  readonly header: Uint8Array;
}

/** One reply of `topMany` and `topBlocks`. */
export type TopReply = WholeHeader | Refused | HeaderTooLong;

/** What `topBlocks` gives: replies in the order of their requests, all of them in step. */
export interface TopBlock {
  readonly kind: "block";
  readonly replies: readonly TopReply[];
}

/** The reply is longer than `limits.headerOctets`. `beginning` has so many octets of it; the session goes on. */
export interface HeaderTooLong extends Refused<LimitExceededError> {
  readonly beginning: Uint8Array;
}

/** One reply of `listMany`. */
export type ListReply =
  | ({ readonly kind: "listed" } & ScanListing)
  | Refused<CommandRefusedError | MalformedReplyError>;

/** One reply of `deleMany`. */
export type DeleReply = { readonly kind: "marked"; readonly messageNumber: number } | Refused;

/** How RETR is asked and answered for many messages. */
export const retrPlan = (session: Session): ReplyPlan<RetrRequest, RetrReply> => ({
  command: (request) => {
    // A listed size that is not a number would make the window's sum NaN, and the window would never open again.
    checkRequest(request);
    return messageCommand("RETR", request.messageNumber);
  },
  octets: ({ listedOctets }) => listedOctets ?? usualOctets.message,
  answer: ({ messageNumber, listedOctets = null, mostOctets }, status) => {
    if (!status.ok) return refused(messageNumber, new CommandRefusedError("RETR", status));
    if (mostOctets !== undefined) session.replies.boundBody("mostOctets", mostOctets);
    const content = new MessageContent(session, listedOctets);
    return { kind: "message", messageNumber, listedOctets, content };
  },
  content: (reply) => (reply.kind === "message" ? reply.content : null),
});

/** How TOP with no line of the body is asked and answered for many messages. */
export const topPlan = (session: Session): ReplyPlan<number, TopReply> => ({
  command: (messageNumber) => messageCommand("TOP", messageNumber, 0),
  octets: () => usualOctets.header,
  answer: (messageNumber, status) => {
    if (!status.ok) return refused(messageNumber, new CommandRefusedError("TOP", status));
    const { headerOctets, topOctets } = session.limits;
    session.replies.boundBody("topOctets", topOctets);
    const given = (collected: Collected): TopReply => headerReply(messageNumber, collected, headerOctets);
    const collected = new MessageContent(session, null).collect(headerOctets);
    return collected instanceof Promise ? collected.then(given) : given(collected);
  },
});

/** A header that was read to its end, or of one with more than `headerOctets` the beginning. */
export function headerReply(
  messageNumber: number,
  { octets, isCut }: Collected,
  headerOctets: number,
): WholeHeader | HeaderTooLong {
  if (!isCut) return { kind: "header", messageNumber, header: octets };
  const error = new LimitExceededError("headerOctets", headerOctets, true);
  return { ...refused(messageNumber, error), beginning: octets };
}

/** How LIST is asked and answered for many messages. */
export const listPlan: ReplyPlan<number, ListReply> = {
  command: (messageNumber) => messageCommand("LIST", messageNumber),
  octets: () => usualOctets.line,
  answer: (messageNumber, status) => {
    if (!status.ok) return refused(messageNumber, new CommandRefusedError("LIST", status));
    const listing = parseScanListing(status.statusText);
    if (listing?.messageNumber === messageNumber) return { kind: "listed", ...listing };
    return refused(messageNumber, new MalformedReplyError("LIST", status.statusOctets, 1));
  },
};

/** How DELE is asked and answered for many messages. */
export const delePlan: ReplyPlan<number, DeleReply> = {
  command: (messageNumber) => messageCommand("DELE", messageNumber),
  octets: () => usualOctets.line,
  answer: (messageNumber, status) =>
    status.ok
      ? { kind: "marked", messageNumber }
      : refused(messageNumber, new CommandRefusedError("DELE", status)),
};

export function refused<E extends Pop3Error>(messageNumber: number, error: E): Refused<E> {
  return { kind: "refused", messageNumber, error };
}
