import { InMemorySpool } from "@mailonce/core/memory";
import { startOAuthProvider, startPop3Server } from "@mailonce/testkit";
import { expect, test } from "vitest";
import type { AccountSettings } from "../../src/account/settings.ts";
import { newTokenKey } from "../../src/oauth2/token-key.ts";
import { AccountService } from "../../src/service/account-service.ts";
import type { RunEnd } from "../../src/service/observers.ts";
import { SimulatedClock } from "../service/simulated-clock.ts";
import { account, freshStore, logIn, oauth2For, tokensOn } from "./surroundings.ts";

test("a worker asks nobody for a revoked login again, and goes on after a new one", async () => {
  await using provider = await startOAuthProvider();
  await using server = await startPop3Server();
  const store = await freshStore();
  const key = newTokenKey();
  const tokens = tokensOn(store, key);
  const oauth2 = oauth2For(provider);
  const bare = account("work");
  const settings: AccountSettings = {
    ...bare,
    account: { ...bare.account, maildrop: "work", host: "127.0.0.1", port: server.port, tls: "none" },
    login: { kind: "oauth2", oauth2 },
    mechanisms: ["XOAUTH2"],
    schedule: { kind: "interval", ms: 60_000 },
  };
  const clock = new SimulatedClock("2026-03-02T00:00:00Z");
  const ends: RunEnd[] = [];
  const service = new AccountService({
    store,
    spool: new InMemorySpool(),
    env: { MAILONCE_TOKEN_KEY: key },
    tokens: tokens.of,
    signal: new AbortController().signal,
    observer: { ended: (_settings, end) => ends.push(end) },
    clock,
  });
  service.serve(settings);
  const turn = async (): Promise<string | null> => {
    const before = ends.length;
    const due = await service.run("work");
    await clock.pass(Math.max(0, (due ?? 0) - clock.now()));
    const end = ends[before];
    return end === undefined ? "paused" : (end.report.error?.code ?? null);
  };

  expect(await turn()).toBe("login-needed");
  expect(await turn()).toBe("paused");

  await logIn(tokens, provider, "work");
  const kept = await tokens.vault.read("work");
  if (kept === null) throw new Error("no login");
  await tokens.vault.write("work", { ...kept.grant, expiresAt: Date.now() });
  provider.revoke("alice");
  const asked = provider.tokenRequests.length;
  expect(await turn()).toBe("grant-revoked");
  for (let again = 0; again < 5; again++) expect(await turn()).toBe("paused");
  expect(provider.tokenRequests.slice(asked)).toEqual([
    { grantType: "refresh_token", error: "invalid_grant" },
  ]);
  expect(server.sessions).toHaveLength(0);

  await logIn(tokens, provider, "work");
  // The scripted server takes no tokens; what counts is that it is asked.
  expect(await turn()).not.toBe("paused");
  expect(server.sessions).toHaveLength(1);
});
