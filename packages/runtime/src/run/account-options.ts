import type { Criteria } from "@mailonce/core";
import type { CredentialsProvider, Dial, OnWire } from "@mailonce/pop3";
import { readCertificates } from "../account/certificates.ts";
import { defined } from "../account/defined.ts";
import type { AccountSettings, OAuth2Settings } from "../account/settings.ts";
import { FailureError } from "../failure/failure-error.ts";
import { fileFingerprint } from "../login/lasting-secret.ts";
import { profileOptions } from "../profiles/profile.ts";
import { dialThrough } from "../proxy/dial-through.ts";
import { readSecret, type SecretSurroundings } from "../secret/secret.ts";
import { secretVariable } from "../secret/secret-text.ts";
import type { AccountOptions, FetchAccountOptions } from "./fetch-account.ts";

/** Gives what an account logs in with that logs in by OAuth 2. */
export type TokensOf = (settings: AccountSettings, oauth2: OAuth2Settings) => CredentialsProvider;

/** What an account's settings need to become a run's options. */
export interface AccountSurroundings extends SecretSurroundings {
  /** Gives the password where the settings name no source for it; the one in MAILONCE_PASSWORD if absent. */
  readonly askPassword?: (settings: AccountSettings) => string | Promise<string>;
  /** True: `askPassword` asks a person, who may type something else each time. */
  readonly isTyped?: boolean;
  /** Has access tokens for accounts that log in by OAuth 2. */
  readonly tokens?: TokensOf;
  readonly onWire?: OnWire | undefined;
}

/**
 * How to reach the account, for whoever opens sessions. Secrets are read when a session is opened, and once only: make
 * the options anew for each run.
 * @throws FailureError (`config`) if the `ca` file cannot be read, or there are no tokens to be had
 */
export async function accountOptions(
  settings: AccountSettings,
  surroundings: AccountSurroundings,
): Promise<AccountOptions> {
  const { account, caFile, mechanisms, pipelining, timeouts, proxy, name } = settings;
  const { trustedCertificates, pinnedCertificates, pinnedPublicKeys } = settings;
  const { signal, onWire } = surroundings;
  const dial = proxy === undefined ? undefined : dialOf(proxy, settings, surroundings);
  const ca = caFile === undefined ? undefined : await readCertificates(caFile, `the ca of ${name}`);
  return {
    account,
    ...loginOf(settings, surroundings),
    tls: {
      ...defined({ ca }),
      ...unlessEmpty({ trustedCertificates, pinnedCertificates, pinnedPublicKeys }),
    },
    timeouts,
    ...profileOptions(settings),
    ...defined({ mechanisms, pipelining, signal, onWire, dial }),
  };
}

/** What a run is to do: a part of what {@link fetchAccount} and {@link checkAccount} take. */
export type RunOptions = Pick<FetchAccountOptions, "criteria" | "limit" | "maxOctets" | "hooks">;

/**
 * What a run of the account is to do, by its settings.
 * @param criteria its `where`, compiled; null if it has none
 * @param given goes before what the settings say
 */
export function runOptions(
  settings: Pick<AccountSettings, "limit" | "maxOctets" | "hooks">,
  criteria: Criteria | null,
  given: Pick<AccountSettings, "limit" | "maxOctets"> = {},
): RunOptions {
  const { hooks, limit, maxOctets } = settings;
  return {
    ...defined({ limit: given.limit ?? limit, maxOctets: given.maxOctets ?? maxOctets }),
    ...(criteria === null ? {} : { criteria }),
    hooks: hooks.map(({ name }) => name),
  };
}

function dialOf(proxy: string, { timeouts }: AccountSettings, { env, signal }: AccountSurroundings): Dial {
  const password = secretVariable(env, "MAILONCE_PROXY_PASSWORD", "the proxy's password");
  return dialThrough(proxy, defined({ timeouts, signal, password }));
}

function unlessEmpty<T extends Readonly<Record<string, readonly string[]>>>(lists: T): Partial<T> {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)) as Partial<T>;
}

function loginOf(
  settings: AccountSettings,
  surroundings: AccountSurroundings,
): Pick<AccountOptions, "credentials" | "secret"> {
  const { login, account, name } = settings;
  if (login.kind === "oauth2") {
    if (surroundings.tokens !== undefined)
      return { credentials: surroundings.tokens(settings, login.oauth2) };
    throw new FailureError("oauth2", `${name}: OAuth 2 is not possible here`, "config");
  }
  const source = login.kind === "password" ? login.source : null;
  const file = source?.kind === "file" ? source.path : null;
  const read = async (): Promise<string> => {
    const what = `the password of ${name}`;
    if (source !== null) return readSecret(source, what, surroundings);
    if (surroundings.askPassword !== undefined) return surroundings.askPassword(settings);
    return readSecret({ kind: "env", name: "MAILONCE_PASSWORD" }, what, surroundings);
  };
  let fingerprint: Promise<Uint8Array | null> | null = null;
  const fingerprintOnce = (): Promise<Uint8Array | null> => {
    fingerprint ??= file === null ? Promise.resolve(null) : fileFingerprint(file, account);
    return fingerprint;
  };
  let password: Promise<string> | null = null;
  const credentials = async () => {
    await fingerprintOnce();
    password ??= read();
    return { user: account.user, password: await password };
  };
  const isLasting = source === null ? surroundings.isTyped !== true : source.kind !== "command";
  if (!isLasting) return { credentials };
  return {
    credentials,
    secret: { place: file === null ? "environment" : "file", fingerprint: fingerprintOnce },
  };
}
