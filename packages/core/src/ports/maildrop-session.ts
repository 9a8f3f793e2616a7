/** The maildrop as STAT gives it (RFC 1939 section 5). */
export interface DropListing {
  /** Number of messages. */
  readonly count: number;
  /** Their octets in all, as the server counts them; null where it says no number that can be read. */
  readonly octets: number | null;
}

/**
 * A part of what one session lists: first STAT's answer, left out where it cannot be read, then UIDL's lines (`no-uidl`
 * if the server refuses them), then LIST's. STAT is a hint and decides nothing, save that a refusal of LIST is an empty
 * listing where STAT, or if it cannot be read UIDL, says that there is no message. `octets` are lines of a multi-line reply, un-stuffed, each with its line end, without the terminating `.`, cut
 * anywhere. They are the receiver's to keep: their memory is not used for anything else.
 */
export type ListingPart =
  | ({ readonly kind: "stat" } & DropListing)
  | { readonly kind: "uidl"; readonly octets: Uint8Array }
  | { readonly kind: "no-uidl" }
  | { readonly kind: "list"; readonly octets: Uint8Array };

/** A server's `-ERR` to one message; the session lives on. */
export interface Refusal {
  /** The response code without brackets (RFC 2449, RFC 3206), for example `SYS/TEMP`; null if none was sent. */
  readonly responseCode: string | null;
  /** The rest of the status line. */
  readonly text: string;
}

/**
 * One answer to `TOP n 0`. `header` may be cut, but not within its first {@link MAX_HEADER_OCTETS} octets: what lies
 * beyond them nobody looks at.
 */
export type HeaderReply =
  | { readonly kind: "header"; readonly messageNumber: number; readonly header: Uint8Array }
  | { readonly kind: "refused"; readonly messageNumber: number; readonly refusal: Refusal };

/** What to retrieve: a message number and its listed octets, null where LIST gave none. */
export interface RetrRequest {
  readonly messageNumber: number;
  readonly listedOctets: number | null;
}

/**
 * One answer to RETR. `content` yields the un-stuffed octets in order and is read once, before the next
 * reply is asked for; what is left unread is thrown away. Its chunks are the receiver's to keep: their memory is not
 * used for anything else.
 */
export type RetrReply =
  | { readonly kind: "message"; readonly messageNumber: number; readonly content: AsyncIterable<Uint8Array> }
  | { readonly kind: "refused"; readonly messageNumber: number; readonly refusal: Refusal };

/** How commands may be sent. */
export interface ExchangeOptions {
  /** False: one command at a time, whatever the server says of PIPELINING. */
  readonly pipelining: boolean;
}

/**
 * One logged-in POP3 session (RFC 1939 TRANSACTION state), as the core needs it. There is no DELE here:
 * the core cannot delete a message.
 *
 * Every method throws if the session is no longer usable; only a refusal (`-ERR` to one message) is data.
 */
export interface MaildropSession {
  /** True if the server says PIPELINING (RFC 2449 section 6.6). */
  readonly pipelining: boolean;
  /** True if UTF8 was sent and accepted before login (RFC 6856). */
  readonly utf8: boolean;
  /** STAT, UIDL and LIST, in one exchange where the server pipelines. Read to its end. */
  listings(): AsyncIterable<ListingPart>;
  /** `UIDL n`: the unique-id verbatim, or null if the server refuses. */
  uidlOf(messageNumber: number): Promise<Uint8Array | null>;
  /** `TOP n 0` for each number; replies in the order of the numbers. */
  topHeaders(messageNumbers: Iterable<number>, options: ExchangeOptions): AsyncIterable<HeaderReply>;
  /** RETR for each request; replies in the order of the requests. */
  retrieve(requests: Iterable<RetrRequest>, options: ExchangeOptions): AsyncIterable<RetrReply>;
  /** NOOP: resolves when the server has answered it. */
  noop(): Promise<void>;
  /** QUIT: resolves when the server has answered, whatever it says; the session is over. */
  quit(): Promise<void>;
  /** Ends the connection at once, without QUIT. May be called at any time and more than once. */
  close(): void;
}
