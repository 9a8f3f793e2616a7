import {
  type ExchangeOptions,
  type HeaderReply,
  type ListingPart,
  MAX_HEADER_OCTETS,
  type MaildropSession,
  type Refusal,
  type RetrReply,
  type RetrRequest,
} from "@mailonce/core";
import {
  CommandRefusedError,
  type Credentials,
  type CredentialsProvider,
  connect,
  type LoginOptions,
  LoginRefusedError,
  MalformedReplyError,
  type Mechanism,
  type Pop3Client,
  type Pop3Options,
  type TopReply,
} from "@mailonce/pop3";
import type { AccountAddress, TlsMode } from "../account/account-url.ts";
import { defined } from "../account/defined.ts";
import { boundedLoginDelay } from "../login/login-delay.ts";

/** What a session needs besides its account. */
export interface SessionOptions
  extends Pick<Pop3Options, "tls" | "timeouts" | "dial" | "onWire" | "signal" | "pipelining"> {
  /** What to log in with, or who has it when a session is opened. */
  readonly credentials: Credentials | CredentialsProvider;
  /** Only these, in this order. Default: USER and PASS where they are offered, else the client's choice. */
  readonly mechanisms?: readonly Mechanism[];
  /** False: the first message of a SASL mechanism never goes along with AUTH (Microsoft 365). */
  readonly initialResponse?: boolean;
  /** NOOP after so many ms in which nothing was asked, so that the server does not close the session. */
  readonly keepAliveMs?: number;
  /** Told how each login went, for who decides when the next one may be. */
  readonly onLogin?: (login: LoginFacts) => void;
}

/** How a login went. */
export interface LoginFacts {
  /** Null: it succeeded. Otherwise the response code of the refusal, which may be null (RFC 2449, RFC 3206). */
  readonly refused: { readonly responseCode: string | null } | null;
  /** What the server wants between two logins (LOGIN-DELAY), in ms; null if it says nothing. */
  readonly loginDelayMs: number | null;
}

const SECURITY: Readonly<Record<TlsMode, "tls" | "stls" | "plain">> = {
  implicit: "tls",
  stls: "stls",
  none: "plain",
};

/**
 * Connects, logs in, and gives the session as the core wants it; nobody else holds the connection, so whoever closes
 * the session closes it.
 * @throws Pop3Error
 */
export async function openSession(
  account: AccountAddress,
  options: SessionOptions,
): Promise<MaildropSession> {
  // Before connecting: a keyring that somebody must unlock first does not keep the server waiting.
  const credentials = await firstCredentials(options);
  const client = await connectAccount(account, options);
  // Who wants to know of the login's circumstances waits for the capabilities that hold after it: one round trip.
  await logInAccount(client, credentials, options, options.onLogin !== undefined);
  return maildropSession(client);
}

/** What to log in with at first. */
export async function firstCredentials({ credentials }: SessionOptions): Promise<Credentials> {
  return typeof credentials === "function" ? credentials(null) : credentials;
}

/** Connects; nobody is logged in. @throws Pop3Error */
export function connectAccount(
  { host, port, tls: mode, allowed }: AccountAddress,
  { tls: given, timeouts, dial, onWire, signal, pipelining }: Omit<SessionOptions, "credentials">,
): Promise<Pop3Client> {
  const security = SECURITY[mode];
  const tls = given === undefined && allowed === undefined ? undefined : { ...allowed, ...given };
  return connect({ ...defined({ tls, timeouts, dial, onWire, signal, pipelining }), host, port, security });
}

/** Logs in; closes the connection if that fails. @throws Pop3Error */
export async function logInAccount(
  client: Pop3Client,
  first: Credentials,
  options: SessionOptions,
  awaitCapabilities = true,
): Promise<void> {
  const { credentials, onLogin, keepAliveMs } = options;
  const again: CredentialsProvider = (refused) =>
    refused === null || typeof credentials !== "function" ? first : credentials(refused);
  try {
    await client.login(typeof credentials === "function" ? again : first, {
      ...loginOptions(client, first, options),
      awaitCapabilities,
    });
    onLogin?.({ refused: null, loginDelayMs: loginDelayMs(client) });
    // It ends with the session.
    if (keepAliveMs !== undefined) client.keepAlive(keepAliveMs);
  } catch (error) {
    if (error instanceof LoginRefusedError) {
      const { responseCode } = error;
      onLogin?.({ refused: { responseCode }, loginDelayMs: loginDelayMs(client) });
    }
    await client.close();
    throw error;
  }
}

function loginOptions(
  client: Pop3Client,
  credentials: Credentials,
  { mechanisms, initialResponse }: SessionOptions,
): LoginOptions {
  const how = defined({ mechanisms, initialResponse });
  if (mechanisms !== undefined) return how;
  // USER and PASS work wherever they are offered; a challenge needs the password stored in a form that fits it.
  const hasUser = client.capabilities?.has("USER") ?? true;
  return hasUser && "password" in credentials ? { ...how, mechanisms: ["USER"] } : how;
}

function loginDelayMs({ capabilities }: Pop3Client): number | null {
  const seconds = capabilities?.loginDelaySeconds ?? null;
  return seconds === null ? null : boundedLoginDelay(seconds * 1000);
}

/** Makes a logged-in POP3 client a session for the core. */
export function maildropSession(client: Pop3Client): MaildropSession {
  return new ClientSession(client);
}

class ClientSession implements MaildropSession {
  readonly utf8: boolean;
  readonly #client: Pop3Client;

  constructor(client: Pop3Client) {
    this.#client = client;
    this.utf8 = client.utf8;
  }

  /** As the capabilities say that were read last. */
  get pipelining(): boolean {
    return this.#client.pipelining;
  }

  listings(): AsyncIterable<ListingPart> {
    return this.#client.listings();
  }

  async uidlOf(messageNumber: number): Promise<Uint8Array | null> {
    try {
      return (await this.#client.uidlOne(messageNumber)).uniqueId;
    } catch (error) {
      const refused = error instanceof CommandRefusedError || error instanceof MalformedReplyError;
      if (refused && error.sessionUsable) return null;
      throw error;
    }
  }

  topHeaders(messageNumbers: Iterable<number>, options: ExchangeOptions): AsyncIterable<HeaderReply> {
    return repliesOf(this.#client.topMany(messageNumbers, this.#window(options)), (reply) =>
      headerReply(reply),
    );
  }

  retrieve(requests: Iterable<RetrRequest>, options: ExchangeOptions): AsyncIterable<RetrReply> {
    return repliesOf(this.#client.retrMany(requestsOf(requests), this.#window(options)), (reply) =>
      reply.kind === "message" ? reply : refused(reply.messageNumber, reply.error),
    );
  }

  noop(): Promise<void> {
    return this.#client.noop();
  }

  async quit(): Promise<void> {
    try {
      await this.#client.quit();
    } catch (error) {
      // It says that some of what was marked with DELE is still there (RFC 1939 section 6). Nothing was marked.
      if (!(error instanceof CommandRefusedError)) throw error;
    }
  }

  close(): void {
    void this.#client.close();
  }

  #window({ pipelining }: ExchangeOptions): ExchangeOptions {
    return { pipelining: pipelining && this.pipelining };
  }
}

/** Replies in other words. No async generator: its promises cost more than reading thousands of small replies. */
function repliesOf<From, To>(
  replies: AsyncIterableIterator<From>,
  inOtherWords: (reply: From) => To,
): AsyncIterable<To> {
  const result = (step: IteratorResult<From>): IteratorResult<To> =>
    step.done === true ? step : { done: false, value: inOtherWords(step.value) };
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => replies.next().then(result),
      return: async () => {
        await replies.return?.();
        return { done: true, value: undefined };
      },
    }),
  };
}

function* requestsOf(
  requests: Iterable<RetrRequest>,
): Generator<{ messageNumber: number; listedOctets?: number }> {
  for (const { messageNumber, listedOctets } of requests) {
    yield listedOctets === null ? { messageNumber } : { messageNumber, listedOctets };
  }
}

/** The core looks no farther into a header than the client reads: then the beginning is all it needs. */
function headerReply(reply: TopReply): HeaderReply {
  if (reply.kind === "header") return reply;
  const { messageNumber, error } = reply;
  const isEnough = "beginning" in reply && reply.beginning.length >= MAX_HEADER_OCTETS;
  return isEnough
    ? { kind: "header", messageNumber, header: reply.beginning }
    : refused(messageNumber, error);
}

function refused(
  messageNumber: number,
  error: Error,
): { readonly kind: "refused"; readonly messageNumber: number; readonly refusal: Refusal } {
  const refusal =
    error instanceof CommandRefusedError
      ? { responseCode: error.responseCode, text: withoutCode(error.statusText) }
      : { responseCode: null, text: error.message };
  return { kind: "refused", messageNumber, refusal };
}

/** `statusText` has the response code in it; the core's port wants the rest. */
function withoutCode(statusText: string): string {
  return statusText.replace(/^\[[^\]]*\]\s*/, "");
}
