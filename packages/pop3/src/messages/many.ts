import type { Pop3Error } from "../errors/error.ts";
import { CommandRefusedError } from "../errors/refusal.ts";
import { LimitExceededError, MalformedReplyError } from "../errors/reply.ts";
import { checkRequest } from "../options/check-options.ts";
import { messageCommand } from "../protocol/command.ts";
import type { ScanListing } from "../protocol/listing.ts";
import { parseTwoNumbers } from "../protocol/status.ts";
import type { Session } from "../session/session.ts";
import { type Collected, MessageContent } from "./content.ts";
import { Pipeline } from "./pipeline.ts";
import type { WindowOptions } from "./window.ts";

/** How much of a message is read at most. */
export interface RetrOptions {
  /**
   * More octets of content end the session with LimitExceededError (`mostOctets`): some servers send without end. LIST
   * may say too little of an honest message, so leave room. Default `limits.messageOctets`.
   */
  readonly mostOctets?: number;
}

/** A message to retrieve. `listedOctets` (from LIST) bounds the window and makes a short reply suspect. */
export interface RetrRequest extends RetrOptions {
  readonly messageNumber: number;
  readonly listedOctets?: number;
}

/** This message was refused or cannot be had; the session and the other messages go on. */
export interface Refused<E extends Pop3Error = CommandRefusedError> {
  readonly kind: "refused";
  readonly messageNumber: number;
  readonly error: E;
}

/** One reply of `retrieve`. Content that was not read when the next reply is asked for is passed over. */
export type RetrReply =
  | {
      readonly kind: "message";
      readonly messageNumber: number;
      readonly listedOctets: number | null;
      readonly content: MessageContent;
    }
  | Refused;

/**
 * One reply of `topHeaders`: the header block as the server gave it, usually with the empty line after it.
 */
export type HeaderReply =
  | { readonly kind: "header"; readonly messageNumber: number; readonly header: Uint8Array }
  | Refused
  | HeaderTooLong;

/** The reply is longer than `limits.headerOctets`. So many octets of its beginning are here; the session goes on. */
export interface HeaderTooLong extends Refused<LimitExceededError> {
  readonly beginning: Uint8Array;
}

/** One reply of `listEach`. */
export type ScanReply =
  | ({ readonly kind: "listed" } & ScanListing)
  | Refused<CommandRefusedError | MalformedReplyError>;

/** One reply of `deleEach`. */
export type DeleReply = { readonly kind: "marked"; readonly messageNumber: number } | Refused;

type Many<T> = Iterable<T> | AsyncIterable<T>;
type Settings = WindowOptions & { readonly pipelining: boolean };

const nothing = (): null => null;

/** Guesses for the window, where LIST does not say. */
const usualOctets = { message: 16 * 1024, header: 4 * 1024, line: 64 };

export function retrieveAll(
  session: Session,
  requests: Many<RetrRequest>,
  settings: Settings,
): AsyncIterableIterator<RetrReply> {
  return new Pipeline<RetrRequest, RetrReply>(
    session,
    requests,
    {
      command: (request) => {
        // The window would count in NaN and never open again.
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
    },
    settings,
  );
}

export function topAll(
  session: Session,
  messageNumbers: Many<number>,
  settings: Settings,
): AsyncIterableIterator<HeaderReply> {
  return new Pipeline<number, HeaderReply>(
    session,
    messageNumbers,
    {
      command: (messageNumber) => messageCommand("TOP", messageNumber, 0),
      octets: () => usualOctets.header,
      answer: (messageNumber, status) => {
        if (!status.ok) return refused(messageNumber, new CommandRefusedError("TOP", status));
        session.replies.boundBody("topOctets", session.limits.topOctets);
        const { headerOctets } = session.limits;
        const given = ({ octets, isCut }: Collected): HeaderReply => {
          if (!isCut) return { kind: "header", messageNumber, header: octets };
          const error = new LimitExceededError("headerOctets", headerOctets, true);
          return { ...refused(messageNumber, error), beginning: octets };
        };
        const collected = new MessageContent(session, null).collectedUpTo(headerOctets);
        return collected instanceof Promise ? collected.then(given) : given(collected);
      },
      content: nothing,
    },
    settings,
  );
}

export function listAll(
  session: Session,
  messageNumbers: Many<number>,
  settings: Settings,
): AsyncIterableIterator<ScanReply> {
  return new Pipeline<number, ScanReply>(
    session,
    messageNumbers,
    {
      command: (messageNumber) => messageCommand("LIST", messageNumber),
      octets: () => usualOctets.line,
      answer: (messageNumber, status) => {
        if (!status.ok) return refused(messageNumber, new CommandRefusedError("LIST", status));
        const [number, octets] = parseTwoNumbers(status.statusText) ?? [0, 0];
        if (number === messageNumber) return { kind: "listed", messageNumber, octets };
        return refused(messageNumber, new MalformedReplyError("LIST", status.statusOctets, 1));
      },
      content: nothing,
    },
    settings,
  );
}

export function deleAll(
  session: Session,
  messageNumbers: Many<number>,
  settings: Settings,
): AsyncIterableIterator<DeleReply> {
  return new Pipeline<number, DeleReply>(
    session,
    messageNumbers,
    {
      command: (messageNumber) => messageCommand("DELE", messageNumber),
      octets: () => usualOctets.line,
      answer: (messageNumber, status) =>
        status.ok
          ? { kind: "marked", messageNumber }
          : refused(messageNumber, new CommandRefusedError("DELE", status)),
      content: nothing,
    },
    settings,
  );
}

function refused<E extends Pop3Error>(messageNumber: number, error: E): Refused<E> {
  return { kind: "refused", messageNumber, error };
}
