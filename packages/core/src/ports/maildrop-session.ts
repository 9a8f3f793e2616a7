/** The drop listing: the answer to STAT (RFC 1939 section 5). */
export interface DropListing {
  /** Number of messages in the maildrop. */
  readonly count: number;
  /** The octets of all messages together, as the server counts them; null if its number cannot be read. */
  readonly octets: number | null;
}

/**
 * One part of a session's listings. They come in this order: the answer to STAT (left out if it cannot be read), the
 * lines of UIDL (`no-uidl` if the server refuses it), the lines of LIST. `octets` are lines of a multi-line reply,
 * dot-unstuffed, each with its line end, without the terminating `.`, and cut anywhere. The receiver may keep them: their
 * memory is not used again. STAT is a hint and decides nothing, with one exception: a refusal of LIST is an empty listing
 * if STAT, or UIDL where STAT cannot be read, says that there is no message.
 */
export type ListingPart =
  | ({ readonly kind: "stat" } & DropListing)
  | { readonly kind: "uidl"; readonly octets: Uint8Array }
  | { readonly kind: "no-uidl" }
  | { readonly kind: "list"; readonly octets: Uint8Array };

/** A server's `-ERR` to a command for one message; the session goes on. */
export interface Refusal {
  /** The response code without brackets (RFC 2449, RFC 3206), for example `SYS/TEMP`; null if none was sent. */
  readonly responseCode: string | null;
  /** The rest of the status line. */
  readonly text: string;
}

/**
 * One answer to `TOP n 0`. `header` is dot-unstuffed. It may be cut off, but only after {@link MAX_HEADER_OCTETS} octets,
 * because nothing beyond them is read.
 */
export type HeaderReply =
  | { readonly kind: "header"; readonly messageNumber: number; readonly header: Uint8Array }
  | { readonly kind: "refused"; readonly messageNumber: number; readonly refusal: Refusal };

/** One message to retrieve, and its listed octets; null where LIST gave none. */
export interface RetrRequest {
  readonly messageNumber: number;
  readonly listedOctets: number | null;
}

/** One answer to RETR that has arrived: the dot-unstuffed octets of the whole message, or the server's refusal. */
export type RetrReply =
  | { readonly kind: "message"; readonly messageNumber: number; readonly octets: Uint8Array }
  | { readonly kind: "refused"; readonly messageNumber: number; readonly refusal: Refusal };

/**
 * A part of the answers to RETR. The receiver may keep the octets of a block: their memory is not used again.
 *
 * - `block`: answers that are in step, this block's and those of all parts before it: each belongs to its own command,
 *   because a command that was sent behind them was answered as itself.
 * - `stream`: the answer with a message that is too large for a block. `content` yields its octets in order; it is read
 *   once, before the next part is asked for, and the rest is thrown away then. Each chunk is only lent: its memory may be
 *   used again once the next one is asked for. The message is in step once the next block is
 *   given, which may be empty; if none is, nobody knows which message it is. Messages that were asked for before it may
 *   come in that block.
 * - `suspect`: this message ended before its listed octets while other commands were under way (see `SuspectReplyError`).
 *   Nothing that arrived since the last block can be believed.
 */
export type RetrPart =
  | { readonly kind: "block"; readonly replies: readonly RetrReply[] }
  | { readonly kind: "stream"; readonly messageNumber: number; readonly content: AsyncIterable<Uint8Array> }
  | { readonly kind: "suspect"; readonly messageNumber: number };

/** How commands may be sent. */
export interface ExchangeOptions {
  /** True if several commands may be under way at once; false for one at a time, whatever the server can do. */
  readonly pipelining: boolean;
}

/**
 * One POP3 session after login (RFC 1939 TRANSACTION state), as the core needs it. There is no DELE here, so that the
 * core cannot delete a message.
 *
 * Every method throws if the session cannot be used any more; a refusal (`-ERR` to one message) is given as data.
 */
export interface MaildropSession {
  /** True if the server announces PIPELINING (RFC 2449 section 6.6). */
  readonly pipelining: boolean;
  /** True if UTF8 was sent and accepted before login (RFC 6856). */
  readonly utf8: boolean;
  /** Sends STAT, UIDL and LIST, in one exchange where the server pipelines. The caller reads all parts to the end. */
  listings(): AsyncIterable<ListingPart>;
  /** Sends `UIDL n`. Gives the unique-id verbatim, or null if the server refuses. */
  uidlOne(messageNumber: number): Promise<Uint8Array | null>;
  /**
   * Sends `TOP n 0` for each number. Gives the replies in the order of the numbers, in blocks that are in step, as
   * {@link RetrPart} has them: each header is of the message that was asked for, unless a message before it has forged it, whose
   * own header then has no empty line.
   */
  topMany(messageNumbers: Iterable<number>, options: ExchangeOptions): AsyncIterable<readonly HeaderReply[]>;
  /**
   * Sends RETR for each request. Gives the answers in the order of the requests. What is not known to be in step when the
   * session breaks is not given.
   */
  retrMany(requests: Iterable<RetrRequest>, options: ExchangeOptions): AsyncIterable<RetrPart>;
  /** Sends NOOP and resolves when the server has answered. */
  noop(): Promise<void>;
  /** Sends QUIT and resolves when the server has answered, whatever it says; the session is over. */
  quit(): Promise<void>;
  /** Ends the connection at once, without QUIT. May be called at any time and more than once. */
  close(): void;
}
