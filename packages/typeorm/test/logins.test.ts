import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { onEveryDatabase } from "./databases.ts";

const login = (fingerprint: Uint8Array | null = null) => ({
  salt: new Uint8Array(randomBytes(16)),
  digest: new Uint8Array(randomBytes(32)),
  fingerprint,
});

onEveryDatabase("the logins that worked", (database) => {
  it("are kept one for each maildrop, the last that worked, with the refusals since", async () => {
    const store = await database.open();
    const { logins } = store;
    await logins.worked("nobody", login());
    expect(await logins.find("nobody")).toBeNull();
    await store.openMaildrop("work");
    await store.openMaildrop("Work");
    const first = login();
    const second = login(new Uint8Array(randomBytes(32)));
    await logins.worked("work", first);
    await logins.worked("Work", second);
    expect(await logins.find("work")).toEqual({ ...first, refusals: 0, since: null });
    expect(await logins.find("Work")).toEqual({ ...second, refusals: 0, since: null });

    const at = new Date("2026-11-30T10:00:00.123Z");
    expect(await logins.refused("work", at)).toMatchObject({ refusals: 1, since: at });
    expect(await logins.refused("work", new Date("2026-11-30T11:00:00Z"))).toMatchObject({
      refusals: 2,
      since: at,
    });
    expect(await logins.find("Work")).toMatchObject({ refusals: 0, since: null });
    await logins.forgive("work");
    expect(await logins.find("work")).toEqual({ ...first, refusals: 0, since: null });
    await logins.refused("work", at);
    await logins.worked("work", second);
    expect(await logins.find("work")).toEqual({ ...second, refusals: 0, since: null });
  });

  it("are noted by many at once", async () => {
    const store = await database.open();
    await store.openMaildrop("work");
    await Promise.all(Array.from({ length: 5 }, () => store.logins.worked("work", login())));
    const at = new Date("2026-11-30T10:00:00Z");
    await Promise.all(Array.from({ length: 5 }, () => store.logins.refused("work", at)));
    expect(await store.logins.find("work")).toMatchObject({ refusals: 5, since: at });
  });
});
