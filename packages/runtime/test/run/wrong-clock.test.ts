import { join } from "node:path";
import { LONGEST_DELIVERY_WAIT_MS } from "@mailonce/core";
import { startPop3Server, temporaryFolder } from "@mailonce/testkit";
import { openStore } from "@mailonce/typeorm";
import { afterAll, expect, it } from "vitest";
import { parseAccountUrl } from "../../src/account/account-url.ts";
import { isFresh } from "../../src/oauth2/grant.ts";
import { deliveryBackOff, MAX_ATTEMPTS } from "../../src/outbox/back-off.ts";
import { NEVER_RUN } from "../../src/schedule/account-health.ts";
import { allHealth, findHealth, putHealth } from "../../src/service/stored-health.ts";
import { type LoginFacts, openSession } from "../../src/session/account-session.ts";

const DAY = 24 * 3_600_000;
const folder = temporaryFolder("mailonce-wrong-clock-");
afterAll(() => folder.remove());
const NOW = Date.parse("2026-11-22T12:00:00Z");

it("never has a delivery wait for longer than what counts as a wrong clock", () => {
  for (let attempts = 1; attempts < MAX_ATTEMPTS; attempts++)
    for (const random of [0, 0.5, 0.999_999])
      expect(deliveryBackOff(attempts, random)).toBeLessThanOrEqual(LONGEST_DELIVERY_WAIT_MS);
});

it("takes no token for fresh that seems to last for years, as one does that came while the clock was ahead", () => {
  const grant = { issuer: "", clientId: "", refreshToken: null, accessToken: "" };
  const isFreshFor = (ms: number) => isFresh({ ...grant, expiresAt: NOW + ms }, NOW);
  expect([11 * 365 * DAY, 2 * 365 * DAY, 365 * DAY, 3_600_000, -DAY].map(isFreshFor)).toEqual([
    false,
    false,
    true,
    true,
    false,
  ]);
});

it("leaves no server alone for longer than a day between two logins, whatever it says", async () => {
  await using server = await startPop3Server();
  for (const [said, obeyed] of [
    [999_999_999, DAY],
    [900, 900_000],
  ] as const) {
    server.maildrop.behaviour.capabilities = () => ["USER", `LOGIN-DELAY ${said}`];
    const facts: LoginFacts[] = [];
    const account = parseAccountUrl(`pop3://alice@127.0.0.1:${server.port}?tls=none`);
    const credentials = { user: "alice", password: "secret" };
    const session = await openSession(account, { credentials, onLogin: (login) => facts.push(login) });
    session.close();
    expect(facts).toMatchObject([{ loginDelayMs: obeyed }]);
  }
});

it("believes no pause between logins in the database that is longer than a day", async () => {
  await using store = await openStore({ url: `sqlite:${join(folder.path, "standings.sqlite")}` });
  await store.openMaildrop("ben");
  const standing = { ...NEVER_RUN, loginDelayMs: 31 * 365 * DAY };
  await putHealth(store.standings, new Map([["ben", standing]]));
  expect(await store.standings.find("ben")).toMatchObject({ loginDelayMs: DAY });
  const written = { ...(await store.standings.find("ben")), loginDelayMs: 31 * 365 * DAY };
  await store.standings.put(new Map([["ben", { ...EMPTY, ...written }]]));
  expect(await findHealth(store.standings, "ben")).toMatchObject({ loginDelayMs: DAY });
  expect((await allHealth(store.standings)).get("ben")).toMatchObject({ loginDelayMs: DAY });
});

const EMPTY = {
  notBefore: null,
  lastRun: null,
  lastSuccess: null,
  failures: 0,
  refusals: 0,
  loginDelayMs: 0,
  pause: null,
};
