import { expect, test } from "vitest";
import { NEVER_RUN } from "../../src/schedule/account-health.ts";
import { pauseByHand, resume } from "../../src/service/pause-by-hand.ts";
import { findHealth, putHealth } from "../../src/service/stored-health.ts";
import { freshStore } from "../oauth2/surroundings.ts";

test("an account is paused before it was ever fetched, and how it has fared stays known", async () => {
  const store = await freshStore();
  await pauseByHand(store, "work", "moving");
  expect((await findHealth(store.standings, "work")).pause).toEqual({
    code: "by-hand",
    reason: "moving",
    digest: null,
  });
  await store.openMaildrop("home");
  await putHealth(store.standings, new Map([["home", { ...NEVER_RUN, failures: 3, lastRun: 1_000_000 }]]));
  await pauseByHand(store, "home", "moving");
  expect(await findHealth(store.standings, "home")).toMatchObject({ failures: 3, lastRun: 1_000_000 });
});

test("who resumes an account is told how it had fared, and its failures, pause and doubts are forgotten", async () => {
  const store = await freshStore();
  await store.openMaildrop("work");
  const login = { salt: new Uint8Array(16), digest: new Uint8Array(32), fingerprint: null };
  await store.logins.worked("work", login);
  await store.logins.refused("work", new Date());
  const pause = { code: "login-refused", reason: "no", digest: new Uint8Array([1]) } as const;
  await putHealth(store.standings, new Map([["work", { ...NEVER_RUN, refusals: 3, pause }]]));
  expect(await resume(store, "work")).toMatchObject({ refusals: 3, pause: { code: "login-refused" } });
  expect(await findHealth(store.standings, "work")).toMatchObject({ refusals: 0, failures: 0, pause: null });
  expect(await store.logins.find("work")).toMatchObject({ refusals: 0 });
  expect((await resume(store, "work")).pause).toBeNull();
});
