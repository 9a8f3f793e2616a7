import { randomBytes } from "node:crypto";
import { LoginRefusedError } from "@mailonce/pop3";
import { type OAuthProvider, temporaryFolder } from "@mailonce/testkit";
import { openStore, type TypeormStore } from "@mailonce/typeorm";
import { onTestFinished } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import { oauth2Settings } from "../../src/account/oauth2-presets.ts";
import type { AccountSettings, OAuth2Settings } from "../../src/account/settings.ts";
import { bareAccount } from "../../src/config/defaults.ts";
import { AccountTokens } from "../../src/oauth2/account-tokens.ts";
import { logInByDeviceCode } from "../../src/oauth2/device-code-login.ts";
import type { Grant } from "../../src/oauth2/grant.ts";
import { newTokenKey } from "../../src/oauth2/token-key.ts";

/** Settings that fit the provider. */
export function oauth2For(
  { issuer, clientId }: OAuthProvider,
  changes: Partial<OAuth2Settings> = {},
): OAuth2Settings {
  return {
    ...oauth2Settings({ issuer, clientId, scopes: ["openid", "offline_access", "mail"] }),
    ...changes,
  };
}

/** An account whose user is alice. */
export function account(name: string): AccountSettings {
  return { ...bareAccount(accountOf(parseAccountUrl("pop3s://alice@localhost"))), name };
}

/** An empty store on a file of its own. */
export async function freshStore(): Promise<TypeormStore> {
  const folder = temporaryFolder("mailonce-oauth2-");
  const store = await openStore({ url: `sqlite:${folder.path}/${randomBytes(4).toString("hex")}.db` });
  onTestFinished(async () => {
    await store[Symbol.asyncDispose]();
    await folder.remove();
  });
  return store;
}

/** The tokens of a process with this key. */
export function tokensOn(
  store: TypeormStore,
  key: string = newTokenKey(),
  env: Record<string, string> = {},
): AccountTokens {
  return new AccountTokens({
    tokens: store.tokens,
    tokenKey: null,
    env: { MAILONCE_TOKEN_KEY: key, ...env },
  });
}

/** Alice logs in, and what she is given is kept. */
export async function logIn(
  tokens: AccountTokens,
  provider: OAuthProvider,
  name: string,
  oauth2 = oauth2For(provider),
): Promise<Grant> {
  const server = await tokens.server(name, oauth2);
  const grant = await logInByDeviceCode(server, {
    onPrompt: async ({ verificationUri, userCode }) => {
      await provider.enterCode(verificationUri, userCode, "alice");
    },
  });
  await tokens.vault.write(name, grant);
  return grant;
}

/** What a mail server says to a token that it does not take. */
export function refusal(): LoginRefusedError {
  const status = { kind: "status", verb: "AUTH", ok: false, statusText: "[AUTH] no", responseCode: "AUTH" };
  return new LoginRefusedError("AUTH", status as never);
}
