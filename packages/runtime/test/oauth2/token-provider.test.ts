import { type OAuthProvider, startOAuthProvider } from "@mailonce/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newTokenKey } from "../../src/oauth2/token-key.ts";
import { tokenProvider } from "../../src/oauth2/token-provider.ts";
import { account, freshStore, logIn, oauth2For, refusal, tokensOn } from "./surroundings.ts";

let provider: OAuthProvider;
beforeAll(async () => {
  provider = await startOAuthProvider();
});
afterAll(() => provider?.[Symbol.asyncDispose]());

const HOUR = 3_600_000;

/** What was asked at the token endpoint while the work was done. */
async function asked(work: () => Promise<unknown>): Promise<readonly (string | null)[]> {
  const before = provider.tokenRequests.length;
  await work();
  return provider.tokenRequests.slice(before).map(({ grantType, error }) => error ?? grantType);
}

describe("an access token", () => {
  test("is kept while it lasts, for all processes on the database", async () => {
    const store = await freshStore();
    const key = newTokenKey();
    const { accessToken } = await logIn(tokensOn(store, key), provider, "work");
    const requests = await asked(async () => {
      for (let process = 0; process < 3; process++) {
        const credentials = tokensOn(store, key).of(account("work"), oauth2For(provider));
        expect(await credentials(null)).toEqual({ user: "alice", token: accessToken });
      }
    });
    expect(requests).toEqual([]);
  });

  test("is renewed in its last minute, and the new one is kept", async () => {
    const store = await freshStore();
    const tokens = tokensOn(store);
    const { accessToken } = await logIn(tokens, provider, "work");
    const at = (now: number) =>
      tokenProvider(oauth2For(provider), {
        account: "work",
        user: "alice",
        vault: tokens.vault,
        clientSecret: async () => null,
        now: () => now,
      })(null);
    expect(await at(Date.now() + HOUR - 70_000)).toMatchObject({ token: accessToken });
    const renewed = await at(Date.now() + HOUR - 50_000);
    expect(renewed).not.toMatchObject({ token: accessToken });
    expect(await asked(async () => expect(await at(Date.now())).toEqual(renewed))).toEqual([]);
  });

  test("is renewed once after a refusal, however young it is", async () => {
    const tokens = tokensOn(await freshStore());
    const { accessToken } = await logIn(tokens, provider, "work");
    const credentials = tokens.of(account("work"), oauth2For(provider));
    expect(await credentials(null)).toMatchObject({ token: accessToken });
    const requests = await asked(async () => {
      expect(await credentials(refusal())).not.toMatchObject({ token: accessToken });
    });
    expect(requests).toEqual(["refresh_token"]);
  });

  test("is not renewed after a refusal if another process has done so", async () => {
    const store = await freshStore();
    const key = newTokenKey();
    await logIn(tokensOn(store, key), provider, "work");
    const [one, other] = [0, 1].map(() => tokensOn(store, key).of(account("work"), oauth2For(provider)));
    await one?.(null);
    await other?.(null);
    const requests = await asked(async () => {
      expect(await one?.(refusal())).toEqual(await other?.(refusal()));
    });
    expect(requests).toEqual(["refresh_token"]);
  });

  test("is renewed by one of many who ask at once, in one process and in several", async () => {
    const store = await freshStore();
    const key = newTokenKey();
    await logIn(tokensOn(store, key), provider, "work");
    const processes = Array.from({ length: 4 }, () => tokensOn(store, key));
    const all = processes.flatMap((tokens) =>
      Array.from({ length: 4 }, () => tokens.of(account("work"), oauth2For(provider))),
    );
    for (const credentials of all) await credentials(null);
    const requests = await asked(async () => {
      const given = await Promise.all(all.map((credentials) => credentials(refusal())));
      expect(new Set(given.map((each) => JSON.stringify(each))).size).toBe(1);
    });
    // A second use of a refresh token would have been refused, and all that came of the login revoked.
    expect(requests).toEqual(["refresh_token"]);
  });

  test("of a revoked login is asked for once; then there must be a new login", async () => {
    const store = await freshStore();
    const key = newTokenKey();
    const tokens = tokensOn(store, key);
    await logIn(tokens, provider, "work");
    const credentials = tokens.of(account("work"), oauth2For(provider));
    await credentials(null);
    provider.revoke("alice");
    const needsLogin = {
      code: "grant-revoked",
      kind: "denied",
      message: expect.stringContaining("run 'mailonce login work'"),
    };
    const requests = await asked(async () => {
      await expect(credentials(refusal())).rejects.toMatchObject(needsLogin);
      for (let turn = 0; turn < 3; turn++) {
        await expect(
          tokensOn(store, key).of(account("work"), oauth2For(provider))(null),
        ).rejects.toMatchObject(needsLogin);
      }
    });
    expect(requests).toEqual(["invalid_grant"]);
    await logIn(tokens, provider, "work");
    expect(await credentials(null)).toMatchObject({ user: "alice" });
  });

  test("that cannot be renewed now leaves the login as it is", async () => {
    const tokens = tokensOn(await freshStore());
    await logIn(tokens, provider, "work");
    const credentials = tokens.of(account("work"), oauth2For(provider));
    await credentials(null);
    for (const status of [429, 500, 503]) {
      provider.fail(status);
      await expect(credentials(refusal())).rejects.toMatchObject({
        code: "oauth2-unavailable",
        kind: "busy",
      });
    }
    provider.fail(null);
    expect(await credentials(refusal())).toMatchObject({ user: "alice" });
  });

  test("is shown to nobody but who gave it", async () => {
    const tokens = tokensOn(await freshStore());
    await logIn(tokens, provider, "work");
    for (const changes of [{ issuer: "https://evil.example.org" }, { clientId: "other" }]) {
      const credentials = tokens.of(account("work"), oauth2For(provider, changes));
      await expect(credentials(null)).rejects.toMatchObject({ code: "login-needed", kind: "config" });
    }
  });

  test("is not to be had before the first login", async () => {
    const credentials = tokensOn(await freshStore()).of(account("work"), oauth2For(provider));
    await expect(credentials(null)).rejects.toMatchObject({
      code: "login-needed",
      kind: "config",
      message: "nobody has logged in for work yet: run 'mailonce login work'",
    });
  });

  test("of an application is asked for once for all of its mailboxes, and kept in memory only", async () => {
    const store = await freshStore();
    const { clientId, clientSecret } = provider.app;
    const oauth2 = oauth2For(provider, {
      grant: "client-credentials",
      clientId,
      clientSecret: { kind: "env", name: "APP_SECRET" },
      scopes: [],
    });
    const tokens = tokensOn(store, undefined, { APP_SECRET: clientSecret });
    const requests = await asked(async () => {
      const [one, other] = [tokens.of(account("one"), oauth2), tokens.of(account("other"), oauth2)];
      const [first, second] = await Promise.all([one(null), other(null)]);
      expect(first).toEqual(second);
      expect(await tokens.of(account("one"), oauth2)(null)).toEqual(first);
      expect(await one(refusal())).not.toEqual(first);
    });
    expect(requests).toEqual(["client_credentials", "client_credentials"]);
    expect(await store.tokens.accounts()).toEqual([]);
  });
});
