import { StoreUnavailableError } from "@mailonce/core";
import { describe, expect, test } from "vitest";
import { FailureError } from "../../src/failure/failure-error.ts";
import type { Grant } from "../../src/oauth2/grant.ts";
import { newTokenKey, parseTokenKeys } from "../../src/oauth2/token-key.ts";
import { TokenVault } from "../../src/oauth2/token-vault.ts";
import type { Tokens } from "../../src/oauth2/tokens.ts";
import { freshStore } from "./surroundings.ts";

const grant = (name: string): Grant => ({
  issuer: "https://login.example.org",
  clientId: "mailonce",
  refreshToken: `refresh ${name}`,
  accessToken: `access ${name}`,
  expiresAt: null,
});

const key = newTokenKey();

function vaultOn(tokens: Tokens): TokenVault {
  const [first, ...rest] = parseTokenKeys(key, "a test");
  if (first === undefined) throw new Error("no key");
  return new TokenVault({ tokens, keys: async () => [first, ...rest] });
}

async function kept(vault: TokenVault) {
  const found = await vault.read("work");
  if (found === null) throw new Error("nothing is kept");
  return found;
}

/** A table whose writing of results fails so many times. */
function failing(tokens: Tokens, times: number): Tokens {
  let left = times;
  return {
    find: (...parameters) => tokens.find(...parameters),
    accounts: () => tokens.accounts(),
    put: (...parameters) => tokens.put(...parameters),
    remove: (...parameters) => tokens.remove(...parameters),
    claim: (...parameters) => tokens.claim(...parameters),
    release: (...parameters) => tokens.release(...parameters),
    settle: async (...parameters) => {
      if (left-- > 0) throw new StoreUnavailableError("the database is away");
      return tokens.settle(...parameters);
    },
  };
}

describe("a grant", () => {
  test("that was exchanged is written though the database is away for a moment", async () => {
    const { tokens } = await freshStore();
    const vault = vaultOn(failing(tokens, 1));
    await vault.write("work", grant("1"));
    const renewed = await vault.renew("work", await kept(vault), async () => grant("2"));
    expect(renewed.grant).toEqual(grant("2"));
    expect((await kept(vaultOn(tokens))).grant).toEqual(grant("2"));
  });

  test("that could not be written for long is written before anything else is done with it", async () => {
    const { tokens } = await freshStore();
    const vault = vaultOn(failing(tokens, 5));
    await vault.write("work", grant("1"));
    const exchanged: (string | null)[] = [];
    const exchange = async ({ refreshToken }: Grant): Promise<Grant> => {
      exchanged.push(refreshToken);
      return grant(String(exchanged.length + 1));
    };
    const stale = await kept(vault);
    await expect(vault.renew("work", stale, exchange)).rejects.toBeInstanceOf(StoreUnavailableError);
    expect((await vault.renew("work", stale, exchange)).grant).toEqual(grant("2"));
    expect(exchanged).toEqual(["refresh 1"]);
  });

  test("of a new login counts, whatever comes of an exchange that was under way", async () => {
    const { tokens } = await freshStore();
    const [vault, other] = [vaultOn(tokens), vaultOn(tokens)];
    await vault.write("work", grant("1"));
    const renewed = await vault.renew("work", await kept(vault), async () => {
      await other.write("work", grant("of a new login"));
      return grant("2");
    });
    expect(renewed.grant).toEqual(grant("of a new login"));
    expect((await kept(vault)).grant).toEqual(grant("of a new login"));

    const again = await vault.renew("work", await kept(vault), async () => {
      await other.write("work", grant("of another one"));
      throw new FailureError("grant-revoked", "the old one", "denied");
    });
    expect(again.grant).toEqual(grant("of another one"));
  });

  test("whose exchange fails may be exchanged again at once", async () => {
    const { tokens } = await freshStore();
    const [vault, other] = [vaultOn(tokens), vaultOn(tokens)];
    await vault.write("work", grant("1"));
    const stale = await kept(vault);
    const later = new FailureError("oauth2-unavailable", "later", "busy");
    await expect(
      vault.renew("work", stale, async () => {
        throw later;
      }),
    ).rejects.toBe(later);
    expect((await other.renew("work", stale, async () => grant("2"))).grant).toEqual(grant("2"));
  });

  test("that another process exchanges is waited for no longer than one cares to", async () => {
    const { tokens } = await freshStore();
    const [vault, other] = [vaultOn(tokens), vaultOn(tokens)];
    await vault.write("work", grant("1"));
    const stale = await kept(vault);
    const leave = new AbortController();
    const exchanging = vault.renew("work", stale, async () => {
      const waiting = other.renew("work", stale, async () => grant("never"), leave.signal);
      leave.abort(new FailureError("interrupted", "interrupted", "interrupted"));
      await expect(waiting).rejects.toMatchObject({ name: expect.stringMatching(/AbortError|FailureError/) });
      return grant("2");
    });
    expect((await exchanging).grant).toEqual(grant("2"));
  });

  test("that was forgotten while it was exchanged stays forgotten", async () => {
    const { tokens } = await freshStore();
    const [vault, other] = [vaultOn(tokens), vaultOn(tokens)];
    await vault.write("work", grant("1"));
    await expect(
      vault.renew("work", await kept(vault), async () => {
        await other.forget("work");
        return grant("2");
      }),
    ).rejects.toMatchObject({ code: "login-needed" });
    expect(await tokens.accounts()).toEqual([]);
  });
});
