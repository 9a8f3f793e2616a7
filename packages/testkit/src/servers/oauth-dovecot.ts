import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../system/temporary-folder.ts";
import { type Dovecot, type DovecotOptions, startDovecot } from "./dovecot.ts";
import type { OAuthProvider } from "./oauth-provider.ts";

/** Starts a Dovecot that takes the provider's access tokens, and nothing else, by XOAUTH2 and OAUTHBEARER. */
export async function startOAuthDovecot(
  provider: OAuthProvider,
  options: DovecotOptions = {},
): Promise<Dovecot> {
  const folder = temporaryFolder("mailonce-oauth-dovecot-");
  const file = join(folder.path, "oauth2.conf");
  writeFileSync(file, provider.dovecotConfig);
  // Dovecot's auth process reads it as its own user.
  chmodSync(folder.path, 0o755);
  const settings = `
auth_mechanisms = xoauth2 oauthbearer
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${file}
}
${options.settings ?? ""}
`;
  const dovecot = await startDovecot({ ...options, settings });
  const stop = dovecot.stop.bind(dovecot);
  dovecot.stop = async () => {
    await stop();
    await folder.remove();
  };
  return dovecot;
}
