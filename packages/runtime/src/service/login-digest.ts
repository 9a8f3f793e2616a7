import { createHash } from "node:crypto";
import type { AccountSettings } from "../account/settings.ts";
import { slowDigest } from "../login/slow-digest.ts";
import type { Tokens } from "../oauth2/tokens.ts";
import { readSecret, type SecretSurroundings } from "../secret/secret.ts";

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
  return slowDigest(secret, salt);
}
