import type { ServedMessage } from "./served-message.ts";

/** A command's verb in upper case, as the server reads it. */
export type Verb = string;

/** What a message is being sent for. */
export interface ServeContext {
  readonly verb: "RETR" | "TOP";
  readonly messageNumber: number;
  /** 1 for the server's first connection. */
  readonly connection: number;
  /** Whether the client sent UTF8 (RFC 6856) in this session. */
  readonly utf8: boolean;
}

/**
 * How a server treats a maildrop. Everything left out is as RFC 1939 wants it. All fields may be changed between
 * two commands, and count from the next one on; what the listing shows counts from the next login on.
 */
export interface MaildropBehaviour {
  /** Verbs that are answered `-ERR Unknown command` and not announced, such as UIDL, TOP, CAPA, STLS, UTF8. */
  without?: readonly Verb[];
  /** Lines of CAPA instead of the usual ones. */
  capabilities?: (state: "authorization" | "transaction") => readonly string[];
  /**
   * `announced` (default) and working; working but `unannounced`; or announced and `broken`: of the commands that
   * arrive together only the first is answered (Courier and solid-pop3d around PASS: `broken after PASS`).
   */
  pipelining?: "announced" | "unannounced" | "broken" | "broken after PASS";
  /** What TOP sends: the message's own header (default), or these octets for every message. */
  top?: Uint8Array | ((message: ServedMessage, messageNumber: number) => Uint8Array);
  /** The unique-id, octets read as ISO 8859-1, instead of the message's own. See `uniqueIds`. */
  uniqueIdOf?: (message: ServedMessage, messageNumber: number) => string;
  /** Only so many of the newest or oldest messages are listed. */
  window?: { readonly show: "newest" | "oldest"; readonly count: number };
  /** The next session, and only that, sees nothing or one half of the listing. */
  nextListing?: "empty" | "oldest half" | "newest half";
  /** What a session retrieved is listed no more after its QUIT (Gmail). */
  hidesRetrieved?: boolean;
  /** What LIST says of a message, and STAT adds up, instead of the octets of the stored message. */
  listedOctets?: (message: ServedMessage, messageNumber: number) => number;
  /**
   * Which lines get a dot before their own: those that begin with one after CR LF (default); all but the
   * message's first line (a fault of Dovecot and Courier); those after a bare LF, too; or none at all.
   */
  byteStuffing?: "crlf" | "not the first line" | "any line end" | "none";
  /** A line end before the terminator when the message has none (default), or always (solid-pop3d). */
  finalLineEnd?: "when missing" | "always";
  /** Line ends of everything but messages. */
  lineEnd?: "\r\n" | "\n";
  /** Header lines, each with its CR LF, put before the message at RETR only (`Status: RO`, `X-UIDL: ...`). */
  volatileHeader?: (message: ServedMessage, context: ServeContext) => string;
  /** The octets that RETR and TOP serve instead of the stored ones. */
  serve?: (message: ServedMessage, context: ServeContext) => Uint8Array;
  /** A status line in place of the answer to a command about a message, or undefined: `-ERR [SYS/TEMP] ...`. */
  refuse?: (verb: Verb, messageNumber: number, message: ServedMessage) => string | undefined;
  /** A status line in place of the answer to a verb: `{ STAT: "-ERR [SYS/TEMP] try later" }`. */
  refusals?: Readonly<Record<Verb, string>>;
  /** Replaces a line of LIST's and UIDL's multi-line reply by another, several or none. */
  listingLine?: (
    verb: "LIST" | "UIDL",
    line: string,
    messageNumber: number,
    message: ServedMessage,
  ) => string | readonly string[];
  /** A second session of the same maildrop is answered `-ERR [IN-USE]` at PASS. */
  exclusive?: boolean;
  /** Deletes at QUIT what was marked with DELE; otherwise DELE is only recorded. Default true. */
  deletes?: boolean;
}
