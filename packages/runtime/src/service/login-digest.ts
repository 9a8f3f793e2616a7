import { createHash, createHmac, randomBytes } from "node:crypto";
import type { AccountSettings } from "../account/settings.ts";
import { slowDigest } from "../login/slow-digest.ts";
import type { Tokens } from "../oauth2/tokens.ts";
import { readSecret, type SecretSurroundings } from "../secret/secret.ts";

/** A paused account is looked at every few seconds: what was made once is kept, for so many accounts. */
const MOST_KEPT = 20_000;
/** By a hash under a key of this process, which tells nobody the password either. */
const kept = new Map<string, Uint8Array>();
let key: Uint8Array | undefined;

/** What the digest is made of besides the settings. */
export interface LoginDigestSurroundings extends SecretSurroundings {
  readonly store: { readonly tokens: Pick<Tokens, "find"> };
}

/**
 * A digest (32 octets) of all that decides whether an account's runs are refused, the password included where it is in a file or in
 * the environment, and whether there was a new login by OAuth 2. What a command would give is not asked for: only its
 * text counts.
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
    // Where it is left out the digest is what it was before there was such a thing.
    ...(allowed === undefined ? [] : [allowed]),
    ...(settings.trustedCertificates.length === 0 ? [] : [{ trusted: settings.trustedCertificates }]),
    // Not where it is false: digests from before it could be said stay what they are.
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
