import type { MaildropSession } from "@mailonce/core";
import {
  type Credentials,
  type CredentialsProvider,
  connect,
  type LoginOptions,
  LoginRefusedError,
  type Mechanism,
  type Pop3Client,
  type Pop3Options,
} from "@mailonce/pop3";
import type { AccountAddress, TlsMode } from "../account/account-url.ts";
import { defined } from "../account/defined.ts";
import { boundedLoginDelay } from "../login/login-delay.ts";
import { ClientSession } from "./client-session.ts";
import { EarlyConnection } from "./early-connection.ts";
import type { KnownOffer } from "./known-offer.ts";

/** How to open a session, besides the account's address. */
export interface SessionOptions
  extends Pick<Pop3Options, "tls" | "timeouts" | "dial" | "onWire" | "signal" | "pipelining"> {
  /** What to log in with, or a function that is asked for it when a session is opened. */
  readonly credentials: Credentials | CredentialsProvider;
  /** Only these are tried, in this order. If absent: USER and PASS where they are offered, else the client's choice. */
  readonly mechanisms?: readonly Mechanism[];
  /** False: the first message of a SASL mechanism is sent on a line of its own, not with AUTH (Microsoft 365). */
  readonly initialResponse?: boolean;
  /** A NOOP is sent after so many milliseconds without a command, so that the server does not close the session. */
  readonly keepAliveMs?: number;
  /** What the server is known to offer: then it is not asked before the login. It is asked each time if this is absent. */
  readonly offer?: KnownOffer;
  /** A connection that was begun before, with these options: the first session takes it. */
  readonly early?: EarlyConnection;
  /** Called after each login, with what decides when the next one may be. */
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
 * Connects, logs in, and gives the session as the core's port. Closing the session closes the connection.
 * @throws Pop3Error
 */
export async function openSession(
  account: AccountAddress,
  options: SessionOptions,
): Promise<MaildropSession> {
  // Before connecting: a keyring that somebody must unlock first does not keep the server waiting.
  const credentials = await firstCredentials(options);
  const { offer } = options;
  try {
    const begun = await options.early?.take(options.signal);
    const client = begun ?? (await connectAccount(account, options));
    // The pause between logins is in the capabilities after the login: one round trip more if somebody wants to know it.
    await logInAccount(client, credentials, options, options.onLogin !== undefined);
    offer?.learn(client.offered);
    return new ClientSession(client);
  } catch (error) {
    offer?.forget();
    throw error;
  }
}

/**
 * Begins to connect, as soon as there are credentials, for the first session of the options that get this as `early`. That
 * session logs in, when it is opened. Close it in any case.
 */
export function connectEarly(account: AccountAddress, options: SessionOptions): EarlyConnection {
  const { signal, timeouts: { connectMs, preLoginMs, replyMs } = {} } = options;
  const limits = [connectMs, preLoginMs, replyMs].filter((ms) => ms !== undefined);
  return new EarlyConnection(
    async (ended) => {
      await firstCredentials(options);
      const either = signal === undefined ? ended : AbortSignal.any([signal, ended]);
      return connectAccount(account, { ...options, signal: either });
    },
    Math.min(...limits),
  );
}

/**
 * Checks, before a person types a password, that the server can be reached and its certificate is trusted: connects as a
 * session does, and ends with QUIT. Without TLS there is nothing to check, and it does nothing.
 * @throws Pop3Error
 */
export async function reachServer(
  account: AccountAddress,
  options: Omit<SessionOptions, "credentials">,
): Promise<void> {
  if (account.tls === "none") return;
  const client = await connectAccount(account, options);
  // A refused QUIT says nothing about the server's identity.
  await client.quit().catch(() => client.close());
}

/** The credentials for the first attempt to log in. @throws what the provider of credentials throws */
export async function firstCredentials({ credentials }: SessionOptions): Promise<Credentials> {
  return typeof credentials === "function" ? credentials(null) : credentials;
}

/** Connects without logging in. @throws Pop3Error */
export function connectAccount(
  { host, port, tls: mode, allowed }: AccountAddress,
  { tls: given, timeouts, dial, onWire, signal, pipelining, offer }: Omit<SessionOptions, "credentials">,
): Promise<Pop3Client> {
  const security = SECURITY[mode];
  const tls = given === undefined && allowed === undefined ? undefined : { ...allowed, ...given };
  const knownCapabilities = offer?.capabilities;
  const how = defined({ tls, timeouts, dial, onWire, signal, pipelining, knownCapabilities });
  return connect({ ...how, host, port, security });
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
