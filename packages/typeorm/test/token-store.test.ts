import { randomUUID } from "node:crypto";
import type { LeaseRequest } from "@mailonce/core";
import { expect, it } from "vitest";
import type { TypeormStore } from "../src/index.ts";
import { type StoredToken, TokenStore } from "../src/service/tokens.ts";
import { onEveryDatabase } from "./databases.ts";
import { octets } from "./samples.ts";

const claimant = (owner: string, changes: Partial<LeaseRequest> = {}): LeaseRequest => ({
  token: randomUUID(),
  owner,
  ttlMs: 60_000,
  isDead: () => false,
  ...changes,
});

async function kept(store: TypeormStore, account = "joe"): Promise<StoredToken> {
  const token = await store.tokens.find(account);
  if (token === null) throw new Error("nothing is kept");
  return token;
}

onEveryDatabase("the tokens", (database) => {
  it("are kept for each account, names compared octet by octet", async () => {
    const { tokens } = await database.open();
    await tokens.put("joe", octets("one"));
    await tokens.put("Joe", octets("two"));
    await tokens.put("joe ", octets("three"));
    expect(await tokens.find("joe")).toMatchObject({ account: "joe", sealed: octets("one"), refusal: null });
    expect(await tokens.find("Joe")).toMatchObject({ sealed: octets("two") });
    expect(await tokens.accounts()).toEqual(["Joe", "joe", "joe "]);
    expect(await tokens.find("ann")).toBeNull();
    expect(await tokens.remove("joe")).toBe(true);
    expect(await tokens.remove("joe")).toBe(false);
    expect(await tokens.accounts()).toHaveLength(2);
  });

  it("hold 60,000 octets, as large tokens encrypted may", async () => {
    const { tokens } = await database.open();
    const large = new Uint8Array(60_000).map((_, index) => index % 251);
    await tokens.put("joe", large);
    expect((await tokens.find("joe"))?.sealed).toEqual(large);
  });

  it("are exchanged by one at a time", async () => {
    const store = await database.open();
    await store.tokens.put("joe", octets("one"));
    const { version } = await kept(store);
    const [a, b] = [claimant("a"), claimant("b")];
    expect(await store.tokens.claim("joe", version, a)).toBe("claimed");
    expect(await store.tokens.claim("joe", version, a)).toBe("claimed");
    const holder = await store.tokens.claim("joe", version, b);
    expect(holder).toMatchObject({ owner: "a" });
    expect((holder as { expiresInMs: number }).expiresInMs).toBeGreaterThan(50_000);

    await store.tokens.release("joe", b.token);
    expect(await store.tokens.claim("joe", version, b)).toMatchObject({ owner: "a" });
    await store.tokens.release("joe", a.token);
    expect(await store.tokens.claim("joe", version, b)).toBe("claimed");
  });

  it("are claimed by one of many who ask at once", async () => {
    const store = await database.open();
    await store.tokens.put("joe", octets("one"));
    const { version } = await kept(store);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => store.tokens.claim("joe", version, claimant(`p${index}`))),
    );
    expect(answers.filter((answer) => answer === "claimed")).toHaveLength(1);
  });

  it("are taken over from who is dead, or whose claim has expired", async () => {
    const store = await database.open();
    await store.tokens.put("joe", octets("one"));
    const { version } = await kept(store);
    await store.tokens.claim("joe", version, claimant("a"));
    const heir = claimant("b", { isDead: (owner) => owner === "a", ttlMs: -1 });
    expect(await store.tokens.claim("joe", version, heir)).toBe("claimed");
    expect(await store.tokens.claim("joe", version, claimant("c"))).toBe("claimed");
  });

  it("are changed only by who saw the last change", async () => {
    const store = await database.open();
    await store.tokens.put("joe", octets("one"));
    const { version } = await kept(store);
    await store.tokens.claim("joe", version, claimant("a"));
    const next = await store.tokens.settle("joe", version, { sealed: octets("two") });
    expect(await kept(store)).toMatchObject({ version: next, sealed: octets("two") });
    expect(await store.tokens.settle("joe", version, { sealed: octets("late") })).toBeNull();
    expect(await store.tokens.claim("joe", version, claimant("b"))).toBe("changed");
    // The change ended the claim.
    expect(await store.tokens.claim("joe", String(next), claimant("b"))).toBe("claimed");
  });

  it("remember a refusal until there is a new login, also over one that was under way", async () => {
    const store = await database.open();
    await store.tokens.put("joe", octets("one"));
    const before = await kept(store);
    const refusal = { code: "grant-revoked", message: "it was revoked 🙁" };
    await store.tokens.settle("joe", before.version, { refusal });
    const refused = await kept(store);
    expect(refused).toMatchObject({ refusal, sealed: octets("one") });
    await store.tokens.put("joe", octets("two"));
    expect(await kept(store)).toMatchObject({ refusal: null, sealed: octets("two") });
    for (const { version } of [before, refused])
      expect(await store.tokens.settle("joe", version, { sealed: octets("late") })).toBeNull();
    await store.tokens.remove("joe");
    expect(await store.tokens.settle("joe", refused.version, { sealed: octets("late") })).toBeNull();
  });

  it("of one account may be put by many at once: the last one counts", async () => {
    const store = await database.open();
    await Promise.all(["1", "2", "3", "4"].map((text) => store.tokens.put("joe", octets(text))));
    expect(await store.tokens.accounts()).toEqual(["joe"]);
  });

  it("refuse a name that their column cannot hold", async () => {
    const store = await database.open();
    await expect(store.tokens.put("x".repeat(513), octets("one"))).rejects.toMatchObject({
      code: "maildrop-name",
    });
    expect(store.tokens).toBeInstanceOf(TokenStore);
  });
});
