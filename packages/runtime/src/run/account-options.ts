import type { CredentialsProvider, OnWire } from "@mailonce/pop3";
import { readCertificates } from "../account/certificates.ts";
import { defined } from "../account/defined.ts";
import type { AccountSettings, OAuth2Settings } from "../account/settings.ts";
import { FailureError } from "../failure/failure-error.ts";
import { fileFingerprint, type LastingSecret } from "../login/lasting-secret.ts";
import { profileOptions } from "../profiles/profile.ts";
import { dialThrough } from "../proxy/dial-through.ts";
import { readSecret, type SecretSurroundings } from "../secret/secret.ts";
import { secretVariable } from "../secret/secret-text.ts";
import type { AccountOptions } from "./fetch-account.ts";

/** What an account's settings need to become a run's options. */
export interface AccountSurroundings extends SecretSurroundings {
  /** Has the password where the settings name no source for it. Default: MAILONCE_PASSWORD. */
  readonly askPassword?: (settings: AccountSettings) => string | Promise<string>;
  /** True: `askPassword` asks a person, who may type something else each time. */
  readonly isTyped?: boolean;
  /** Has access tokens for accounts that log in by OAuth 2. */
  readonly tokens?: (settings: AccountSettings, oauth2: OAuth2Settings) => CredentialsProvider;
  readonly onWire?: OnWire | undefined;
}

/**
 * What fetchAccount, checkAccount and baselineAccount take to reach the account. Secrets are resolved when a session
 * is opened, and once only: make the options anew for each run. What a run is to do (`where`, `limit`, `maxOctets`)
 * stays in the settings.
 * @throws FailureError (`config`) if the `ca` file cannot be read, or there are no tokens to be had
 */
export async function accountOptions(
  settings: AccountSettings,
  surroundings: AccountSurroundings,
): Promise<AccountOptions> {
  const { account, caFile, mechanisms, pipelining, timeouts, proxy } = settings;
  const { trustedCertificates, pinnedCertificates, pinnedPublicKeys } = settings;
  const { signal, onWire, env } = surroundings;
  const password =
    proxy === null ? undefined : secretVariable(env, "MAILONCE_PROXY_PASSWORD", "the proxy's password");
  const tls = defined({
    ca: caFile === null ? undefined : await readCertificates(caFile, `the ca of ${settings.name}`),
    trustedCertificates: trustedCertificates.length === 0 ? undefined : trustedCertificates,
    pinnedCertificates: pinnedCertificates.length === 0 ? undefined : pinnedCertificates,
    pinnedPublicKeys: pinnedPublicKeys.length === 0 ? undefined : pinnedPublicKeys,
  });
  return {
    account,
    ...loginOf(settings, surroundings),
    tls,
    timeouts,
    ...profileOptions(settings),
    ...defined({
      mechanisms: mechanisms ?? undefined,
      pipelining: pipelining ?? undefined,
      dial: proxy === null ? undefined : dialThrough(proxy, defined({ timeouts, signal, password })),
      signal,
      onWire,
    }),
  };
}

function loginOf(
  settings: AccountSettings,
  surroundings: AccountSurroundings,
): Pick<AccountOptions, "credentials" | "secret"> {
  const { login, account, name } = settings;
  if (login.kind === "oauth2") {
    if (surroundings.tokens !== undefined)
      return { credentials: surroundings.tokens(settings, login.oauth2), secret: null };
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
  const secret: LastingSecret | null = isLasting ? { fingerprint: fingerprintOnce } : null;
  return { credentials, secret };
}
