import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "@mailonce/runtime";
import { AccountTokens, logInByDeviceCode, newTokenKey, oauth2Settings } from "@mailonce/runtime/oauth2";
import {
  type OAuthProvider,
  sampleMail,
  startOAuthDovecot,
  startOAuthProvider,
  temporaryFolder,
} from "@mailonce/testkit";
import { expect, test } from "vitest";
import { startWorker } from "./worker-process.ts";

/** What `mailonce login work` does, with alice at the browser. */
async function logIn(provider: OAuthProvider, database: string, key: string): Promise<void> {
  await using store = await openDatabase(database, {});
  const env = { MAILONCE_TOKEN_KEY: key };
  const tokens = new AccountTokens({ env, tokens: store.tokens, tokenKey: null });
  const { issuer, clientId } = provider;
  const settings = oauth2Settings({ issuer, clientId, scopes: ["openid", "offline_access", "mail"] });
  const grant = await logInByDeviceCode(await tokens.server("work", settings), {
    onPrompt: async ({ verificationUri, userCode }) => {
      await provider.enterCode(verificationUri, userCode, "alice");
    },
  });
  await tokens.vault.write("work", grant);
}

test("workers share a login, stop asking once it is revoked, and go on after a new one", async () => {
  await using provider = await startOAuthProvider();
  await using dovecot = await startOAuthDovecot(provider);
  await dovecot.deliver("alice", sampleMail(5));
  await using folder = temporaryFolder();
  const database = `sqlite:${join(folder.path, "mail.sqlite")}`;
  const file = join(folder.path, "mailonce.yaml");
  writeFileSync(
    file,
    `database: ${database}
accounts:
  work:
    url: pop3s://alice@localhost:${dovecot.pop3sPort}
    ca: ${dovecot.caFile}
    schedule: 1s
    oauth2:
      issuer: ${provider.issuer}
      clientId: ${provider.clientId}
      scopes: [openid, offline_access, mail]
`,
  );
  const key = newTokenKey();
  await logIn(provider, database, key);
  const env = { MAILONCE_CONFIG: file, MAILONCE_TOKEN_KEY: key };
  await using one = startWorker(env);
  await one.line(/^work: 5 stored, 0 known$/);
  await using other = startWorker(env);
  await other.line(/^work: debug: 0 stored, 5 known$/);

  // Each of them may find first that the token is good no more.
  const before = provider.tokenRequests.length;
  provider.expireAccessTokens();
  await dovecot.deliver("alice", sampleMail(1, 7));
  const stored = /^work: 1 stored, 5 known$/;
  await Promise.race([one.line(stored), other.line(stored)]);
  await Promise.all([one, other].map((worker) => worker.line(/^work: debug: 0 stored, 6 known$/)));
  expect(provider.tokenRequests.slice(before)).toEqual([{ grantType: "refresh_token", error: null }]);

  provider.revoke("alice");
  const paused = /^work: error: paused until .*run 'mailonce login work'/;
  await Promise.race([one.line(paused), other.line(paused)]);
  await dovecot.deliver("alice", sampleMail(1, 8));
  await logIn(provider, database, key);
  const again = /^work: 1 stored, 6 known$/;
  await Promise.race([one.line(again), other.line(again)]);
  const asked = provider.tokenRequests.slice(before + 1).map(({ grantType, error }) => error ?? grantType);
  expect(asked).toEqual(["invalid_grant", "urn:ietf:params:oauth:grant-type:device_code"]);

  for (const worker of [one, other]) worker.child.kill("SIGTERM");
  expect(await Promise.all([one.end(), other.end()])).toEqual([0, 0]);
  const all = [...one.lines, ...other.lines].join("\n");
  for (const secret of [...provider.secrets, key]) expect(all).not.toContain(secret);
});
