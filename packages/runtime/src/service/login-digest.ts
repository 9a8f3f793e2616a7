import { createHash, createHmac, randomBytes } from "node:crypto";
import type { AccountSettings } from "../account/settings.ts";
import { slowDigest } from "../login/slow-digest.ts";
import type { Tokens } from "../oauth2/tokens.ts";
import { readSecret, type SecretSurroundings } from "../secret/secret.ts";

/** A paused account is looked at every few seconds, so digests are kept, of so many accounts at most. */
const MOST_KEPT = 20_000;
/** The digests, by a hash of what they were made of under a key of this process, which does not give the password away. */
const kept = new Map<string, Uint8Array>();
let key: Uint8Array | undefined;

/** What the digest is made of besides the settings. */
export interface LoginDigestSurroundings extends SecretSurroundings {
  readonly store: { readonly tokens: Pick<Tokens, "find"> };
}

/**
 * A digest (32 octets) of all that decides whether an account's runs are refused: its settings, the password in a file or
 * in the environment, and the last login by OAuth 2. A command for the password is not run: only its text counts.
 */
export async function loginDigest(
  settings: AccountSettings,
  surroundings: LoginDigestSurroundings,
): Promise<Uint8Array> {
  const { name, account, login, mechanisms, caFile, pinnedCertificates, pinnedPublicKeys, proxy } = settings;
  const { user, host, port, tls, allowed } = account;
  const facts = [
    user,
    host,
    port,
    tls,
    login,
    mechanisms,
    caFile,
    pinnedCertificates,
    pinnedPublicKeys,
    proxy,
    // Left out where there is none, so that digests from before there was such a setting stay valid.
    ...(allowed === undefined ? [] : [allowed]),
    ...(settings.trustedCertificates.length === 0 ? [] : [{ trusted: settings.trustedCertificates }]),
    // Left out where it is false, for the same reason.
    ...(settings.apart ? ["apart"] : []),
  ];
  const salt = createHash("sha256").update(JSON.stringify(facts)).digest();
  const secret =
    login.kind === "oauth2"
      ? ((await surroundings.store.tokens.find(name))?.version ?? "")
      : login.kind === "password" && login.source.kind !== "command"
        ? await readSecret(login.source, "the password", surroundings).catch(() => "")
        : (surroundings.env["MAILONCE_PASSWORD"] ?? "");
  key ??= randomBytes(32);
  const madeOf = createHmac("sha256", key).update(salt).update(secret).digest("base64");
  const digest = kept.get(madeOf) ?? (await slowDigest(secret, salt));
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(madeOf, digest);
  return digest;
}
