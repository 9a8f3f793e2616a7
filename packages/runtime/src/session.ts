import type {
  ExchangeOptions,
  HeaderReply,
  Listings,
  MaildropSession,
  Refusal,
  RetrReply,
  RetrRequest,
} from "@mailonce/core";
import {
  CommandRefusedError,
  connect,
  MalformedReplyError,
  type Pop3Client,
  type Timeouts,
} from "@mailonce/pop3";
import type { AccountAddress, TlsMode } from "./account-url.ts";

/** What a session needs besides its account. */
export interface SessionOptions {
  readonly password: string;
  /** Certificates in PEM that are trusted besides Node's own list. */
  readonly ca?: string;
  /** The POP3 client's time limits, in milliseconds. */
  readonly timeouts?: Partial<Timeouts>;
  /** Destroys the connection, at any time of the session. */
  readonly signal?: AbortSignal;
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
  const { password, ca, timeouts, signal } = options;
  const client = await connect({
    host: account.host,
    port: account.port,
    security: SECURITY[account.tls],
    ...(ca === undefined ? {} : { tls: { ca } }),
    ...(timeouts === undefined ? {} : { timeouts }),
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    // USER and PASS work wherever they are offered; a challenge needs the password stored in a form that fits it.
    const hasUser = client.capabilities?.has("USER") ?? true;
    await client.login({ user: account.user, password }, hasUser ? { mechanisms: ["USER"] } : {});
  } catch (error) {
    await client.close();
    throw error;
  }
  return maildropSession(client);
}

/** Makes a logged-in POP3 client a session for the core. */
export function maildropSession(client: Pop3Client): MaildropSession {
  return new ClientSession(client);
}

class ClientSession implements MaildropSession {
  readonly pipelining: boolean;
  readonly utf8: boolean;
  readonly #client: Pop3Client;

  constructor(client: Pop3Client) {
    this.#client = client;
    this.pipelining = client.capabilities?.has("PIPELINING") ?? false;
    this.utf8 = client.utf8;
  }

  listings(): Promise<Listings> {
    return this.#client.listings();
  }

  async uidlOf(messageNumber: number): Promise<Uint8Array | null> {
    try {
      return (await this.#client.uidlOf(messageNumber)).uniqueId;
    } catch (error) {
      const refused = error instanceof CommandRefusedError || error instanceof MalformedReplyError;
      if (refused && error.sessionUsable) return null;
      throw error;
    }
  }

  async *topHeaders(messageNumbers: Iterable<number>, options: ExchangeOptions): AsyncIterable<HeaderReply> {
    for await (const reply of this.#client.topHeaders(messageNumbers, this.#window(options))) {
      yield reply.kind === "header" ? reply : refused(reply.messageNumber, reply.error);
    }
  }

  async *retrieve(requests: Iterable<RetrRequest>, options: ExchangeOptions): AsyncIterable<RetrReply> {
    for await (const reply of this.#client.retrieve(requestsOf(requests), this.#window(options))) {
      yield reply.kind === "message" ? reply : refused(reply.messageNumber, reply.error);
    }
  }

  noop(): Promise<void> {
    return this.#client.noop();
  }

  quit(): Promise<void> {
    return this.#client.quit();
  }

  close(): void {
    void this.#client.close();
  }

  #window({ pipelining }: ExchangeOptions): ExchangeOptions {
    return { pipelining: pipelining && this.pipelining };
  }
}

function* requestsOf(
  requests: Iterable<RetrRequest>,
): Generator<{ messageNumber: number; listedOctets?: number }> {
  for (const { messageNumber, listedOctets } of requests) {
    yield listedOctets === null ? { messageNumber } : { messageNumber, listedOctets };
  }
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
