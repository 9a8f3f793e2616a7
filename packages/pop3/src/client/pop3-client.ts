import { CommandRefusedError } from "../errors/refusal.ts";
import { MalformedReplyError } from "../errors/reply.ts";
import { ParsedListing } from "../listing/parsed-listing.ts";
import { type ListingPart, readRawListings } from "../listing/raw-listings.ts";
import { Authentication } from "../login/authentication.ts";
import type { Connected, Greeting } from "../login/connected.ts";
import { type Credentials, type CredentialsProvider, withCredentials } from "../login/credentials.ts";
import { checkLoginOptions, type LoginOptions } from "../login/login-options.ts";
import { type Message, MessageContent } from "../messages/content.ts";
import { Pipeline, type ReplyPlan } from "../messages/pipeline.ts";
import {
  type DeleReply,
  delePlan,
  type ListReply,
  listPlan,
  type RetrPart,
  type RetrReply,
  retrPlan,
  type TopBlock,
  type TopReply,
  topPlan,
} from "../messages/plans.ts";
import {
  type BlockOptions,
  checkRetrOptions,
  type RetrOptions,
  type RetrRequest,
  type WindowOptions,
} from "../messages/requests.ts";
import { RetrBlocks } from "../messages/retr-blocks.ts";
import { TopBlocks } from "../messages/top-blocks.ts";
import type { Capabilities } from "../protocol/capabilities.ts";
import { type Command, command, messageCommand } from "../protocol/command.ts";
import { type Language, parseLanguages } from "../protocol/language.ts";
import {
  type DropListing,
  parseDropListing,
  parseScanLine,
  parseScanListing,
  parseUniqueIdLine,
  type ScanListing,
  type UniqueIdListing,
} from "../protocol/listing.ts";
import type { StatusLine } from "../protocol/reply.ts";
import { parseOctetsSaid } from "../protocol/status.ts";
import type { Mechanism } from "../sasl/choice.ts";
import { ask, readBody } from "../session/exchange.ts";
import type { Session } from "../session/pop3-session.ts";
import { KeepAlive } from "./keep-alive.ts";
import { VerbProbes } from "./verb-probes.ts";

/** Requests for many messages. */
type Many<Request> = Iterable<Request> | AsyncIterable<Request>;

/**
 * A POP3 session. Methods have the names of RFC 1939's commands. `…One` asks for one message what the bare name asks for
 * the whole maildrop (`list` and `listOne`). `…Many` asks for many messages what the bare name asks for one (`retr` and
 * `retrMany`), or what `…One` does (`listMany`).
 *
 * Calls run one after another; while a streamed reply (`retr`, `top`, `list`, `uidl`, `retrMany`, ...) is open, other
 * calls reject with SessionBusyError. Every method may reject with a Pop3Error; after one whose `sessionUsable` is false
 * the session is closed. Message numbers hold for this session only.
 */
export class Pop3Client implements AsyncDisposable {
  readonly greeting: Greeting;
  readonly #session: Session;
  readonly #authentication: Authentication;
  readonly #probes: VerbProbes;

  /** Made by `connect`. */
  constructor(session: Session, connected: Connected) {
    this.#session = session;
    this.#authentication = new Authentication(session, connected);
    this.#probes = new VerbProbes(session);
    this.greeting = connected.greeting;
  }

  /** What the server can do, as it said last (after connecting, STLS and login). Null: it has no CAPA. */
  get capabilities(): Capabilities | null {
    return this.#authentication.capabilities;
  }

  /** What the server could do before the login, with TLS in place. The next session takes it as `knownCapabilities`. */
  get offered(): Capabilities | null {
    return this.#authentication.offered;
  }

  /** True if UTF8 was sent and accepted: messages come as they are stored (RFC 6856). */
  get utf8(): boolean {
    return this.#authentication.utf8;
  }

  /** The mechanism by which the login succeeded; null before. */
  get mechanism(): Mechanism | null {
    return this.#authentication.mechanism;
  }

  /** False once the session is closed, whoever has closed it. */
  get usable(): boolean {
    return this.#session.usable;
  }

  /**
   * Logs in by the best mechanism that the server offers. With a password: SCRAM, bound to the TLS channel where possible;
   * then with TLS USER and PASS, PLAIN, LOGIN, CRAM-MD5, APOP, and without TLS (`security: "plain"`) CRAM-MD5 and APOP
   * before those that reveal the password. With a token: OAUTHBEARER, XOAUTH2. UTF8 is sent before the login where the
   * server offers it, and the capabilities are read again afterwards.
   *
   * Throws LoginRefusedError (the session may then try again unless the server closes it), NoMechanismError,
   * SaslError, InvalidArgumentError.
   */
  async login(credentials: Credentials | CredentialsProvider, options: LoginOptions = {}): Promise<void> {
    checkLoginOptions(options);
    await withCredentials(
      credentials,
      () => this.usable,
      (given) => this.#authentication.logIn(given, options),
    );
  }

  /** STAT. Throws MalformedReplyError if the reply does not say how many messages there are. */
  async stat(): Promise<DropListing> {
    const status = await this.#ask(() => command("STAT"));
    const listing = parseDropListing(status.statusText);
    if (listing === null) throw new MalformedReplyError("STAT", status.statusOctets, 1);
    return listing;
  }

  /**
   * LIST. If some lines make no sense, it gives all others and throws MalformedReplyError after the last; the session
   * goes on.
   */
  list(): AsyncIterableIterator<ScanListing> {
    return new ParsedListing(this.#session, command("LIST"), parseScanLine);
  }

  /** LIST for one message. Throws CommandRefusedError, MalformedReplyError. */
  async listOne(messageNumber: number): Promise<ScanListing> {
    const status = await this.#ask(() => messageCommand("LIST", messageNumber));
    const listing = parseScanListing(status.statusText);
    if (listing?.messageNumber !== messageNumber)
      throw new MalformedReplyError("LIST", status.statusOctets, 1);
    return listing;
  }

  /** LIST for many messages, in order, with the window of `retrMany`. */
  listMany(messageNumbers: Many<number>, options: WindowOptions = {}): AsyncIterableIterator<ListReply> {
    return this.#many(messageNumbers, listPlan, options);
  }

  /** UIDL (RFC 1939 section 7). Unique-ids are octets, neither decoded nor trimmed. Malformed lines as with `list`. */
  uidl(): AsyncIterableIterator<UniqueIdListing> {
    return new ParsedListing(this.#session, command("UIDL"), parseUniqueIdLine);
  }

  /** UIDL for one message. Throws CommandRefusedError, MalformedReplyError. */
  async uidlOne(messageNumber: number): Promise<UniqueIdListing> {
    const { statusOctets: line } = await this.#ask(() => messageCommand("UIDL", messageNumber));
    const listing = parseUniqueIdLine(line, 0, line.length);
    if (listing?.messageNumber !== messageNumber) throw new MalformedReplyError("UIDL", line, 1);
    return listing;
  }

  /**
   * STAT, UIDL and LIST in one exchange, pipelined where the server says PIPELINING, as their octets come. Throws
   * CommandRefusedError after the last part, when the session is in step, where LIST is refused although the maildrop is
   * not known to be empty, or where any of the three is refused with a response code that says why.
   */
  listings(): AsyncIterableIterator<ListingPart> {
    return readRawListings(this.#session, () => this.pipelining);
  }

  /** RETR. Resolves at the status line; the content streams. Throws CommandRefusedError. */
  retr(messageNumber: number, options: RetrOptions = {}): Promise<Message> {
    return this.#message(messageNumber, () => messageCommand("RETR", messageNumber), options);
  }

  /**
   * RETR for many messages, in order, several in flight where the server says PIPELINING. The requests may come
   * slowly: they do not hold up the replies. Leaving early closes the session (without QUIT) if replies are outstanding.
   *
   * After a message whose content is `suspect`, neither it nor anything that follows may be trusted; see
   * MessageContent.
   */
  retrMany(requests: Many<RetrRequest>, options: WindowOptions = {}): AsyncIterableIterator<RetrReply> {
    return this.#many(requests, retrPlan(this.#session), options);
  }

  /**
   * What `retrMany` does, for many messages that are not large: gives them in blocks, each message as one array, and with
   * fewer promises than messages. Where commands are pipelined, it sends a marker behind the RETRs of each block, `LIST n`
   * with the number of the block's last message, and gives the block once the reply names that number. Only this shows that
   * the server has left out no reply and repeated none, so that each message is the one that was asked for. Messages that
   * were not confirmed when the session breaks are not given. Throws OutOfStepError.
   *
   * Requests that come slowly do not hold up a block: its marker is sent when no further request is at hand.
   */
  retrBlocks(
    requests: Many<RetrRequest>,
    options: WindowOptions & BlockOptions = {},
  ): AsyncIterableIterator<RetrPart> {
    return new RetrBlocks(this.#session, requests, { pipelining: this.pipelining, ...options });
  }

  /** TOP: the header and the first `lines` lines of the body. It is optional in RFC 1939: the server may refuse it. */
  top(messageNumber: number, lines: number, options: RetrOptions = {}): Promise<Message> {
    return this.#message(messageNumber, () => messageCommand("TOP", messageNumber, lines), options);
  }

  /** TOP with no line of the body, the header alone, for many messages, in order, with the window of `retrMany`. */
  topMany(messageNumbers: Many<number>, options: WindowOptions = {}): AsyncIterableIterator<TopReply> {
    return this.#many(messageNumbers, topPlan(this.#session), options);
  }

  /**
   * What `topMany` does, in blocks, as `retrBlocks` gives messages: where commands are pipelined each header is known to be
   * of the message that was asked for, unless one before it may have forged it (see WholeHeader). Throws OutOfStepError.
   */
  topBlocks(
    messageNumbers: Many<number>,
    options: WindowOptions & Pick<BlockOptions, "blockMessages"> = {},
  ): AsyncIterableIterator<TopBlock> {
    return new TopBlocks(this.#session, messageNumbers, { pipelining: this.pipelining, ...options });
  }

  /** DELE: marks a message; the server deletes it at QUIT only. */
  async dele(messageNumber: number): Promise<void> {
    await this.#ask(() => messageCommand("DELE", messageNumber));
  }

  /** DELE for many messages, in order, with the window of `retrMany`. */
  deleMany(messageNumbers: Many<number>, options: WindowOptions = {}): AsyncIterableIterator<DeleReply> {
    return this.#many(messageNumbers, delePlan, options);
  }

  /** RSET: takes every DELE of this session back. */
  async rset(): Promise<void> {
    await this.#ask(() => command("RSET"));
  }

  /** NOOP. */
  async noop(): Promise<void> {
    await this.#ask(() => command("NOOP"));
  }

  /**
   * Sends NOOP whenever no command was sent for so many ms and no streamed reply is open, so that the server does not log
   * the session out while its user is busy with something else. That goes on until the result is disposed of or the session
   * ends. If a NOOP fails, the next call rejects with its error.
   */
  keepAlive(everyMs: number): Disposable {
    return new KeepAlive(this.#session, everyMs, () => this.noop());
  }

  /** LANG: the languages that the server can speak (RFC 6856 section 3). */
  languages(): Promise<readonly Language[]> {
    return this.#session.exclusive(async () => {
      await ask(this.#session, command("LANG"));
      return parseLanguages(await readBody(this.#session));
    });
  }

  /**
   * LANG with a tag (RFC 5646), or `*` for the server's choice: the language of all further status texts.
   * Throws CommandRefusedError.
   */
  async setLanguage(tag: string): Promise<void> {
    await this.#ask(() => command("LANG", tag));
  }

  /**
   * Whether the server knows TOP or UIDL. If its capabilities do not list the command, it is tried, once in a session.
   * Null: that cannot be told, because there is no message to try TOP on.
   */
  async supports(verb: "TOP" | "UIDL"): Promise<boolean | null> {
    return this.capabilities?.has(verb) === true || this.#probes.supports(verb);
  }

  /** QUIT, then closes. The server deletes the marked messages now, and some servers hide the retrieved ones. */
  quit(): Promise<void> {
    return this.#session.exclusive(async () => {
      await this.#session.replies.backgroundEnded();
      this.#session.send(command("QUIT"));
      try {
        const status = await this.#session.replies.readStatus();
        if (!status.ok) throw new CommandRefusedError("QUIT", status, false);
      } finally {
        await this.#session.close();
      }
    });
  }

  /** Closes the connection at once without QUIT, whatever is going on; nothing changes on the server. Never rejects. */
  close(): Promise<void> {
    return this.#session.close();
  }

  /** Same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#session.close();
  }

  /** Whether several commands are in flight at a time. */
  get pipelining(): boolean {
    return this.#authentication.pipelining;
  }

  #ask(make: () => Command): Promise<StatusLine> {
    return this.#session.exclusive(async () => ask(this.#session, make()));
  }

  #many<Request, Reply>(
    requests: Many<Request>,
    plan: ReplyPlan<Request, Reply>,
    options: WindowOptions,
  ): AsyncIterableIterator<Reply> {
    return new Pipeline(this.#session, requests, plan, { pipelining: this.pipelining, ...options });
  }

  #message(messageNumber: number, make: () => Command, options: RetrOptions): Promise<Message> {
    return this.#session.exclusive(async () => {
      checkRetrOptions(options);
      const { statusText } = await ask(this.#session, make());
      this.#session.replies.boundBody("mostOctets", options.mostOctets ?? Infinity);
      this.#session.beginStream();
      const content = new MessageContent(this.#session, null, () => this.#session.endStream());
      return { messageNumber, octetsSaid: parseOctetsSaid(statusText), content };
    });
  }
}
