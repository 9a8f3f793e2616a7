import { describe, expect, test } from "vitest";
import type { Grant } from "../../src/oauth2/grant.ts";
import { openGrant, sealGrant } from "../../src/oauth2/sealed-grant.ts";
import { newTokenKey, parseTokenKeys, type TokenKey } from "../../src/oauth2/token-key.ts";

const grant: Grant = {
  issuer: "https://login.example.org",
  clientId: "mailonce",
  refreshToken: "r3fresh-t0ken-of-joe",
  accessToken: "acc3ss-t0ken-of-joe",
  expiresAt: 1_790_000_000_000,
};

function key(): TokenKey {
  const [made] = parseTokenKeys(newTokenKey(), "a test");
  if (made === undefined) throw new Error("no key");
  return made;
}

describe("a sealed grant", () => {
  test("opens under its key for its account, and shows nothing of itself before", () => {
    const mine = key();
    const sealed = sealGrant(grant, "joe", mine);
    expect(openGrant(sealed, "joe", [mine])).toEqual(grant);
    expect(openGrant(Uint8Array.from(sealed), "joe", [key(), mine])).toEqual(grant);
    for (const text of ["t0ken", "login.example.org", "mailonce"]) expect(sealed.includes(text)).toBe(false);
    expect(sealGrant(grant, "joe", mine).equals(sealed)).toBe(false);
  });

  test("opens under no other key, and says so in one sentence", () => {
    const sealed = sealGrant(grant, "joe", key());
    expect(() => openGrant(sealed, "joe", [key(), key()])).toThrow(
      expect.objectContaining({
        code: "token-key",
        kind: "config",
        message: expect.stringMatching(
          /^the token of joe is encrypted under another key: .*'mailonce login joe'$/,
        ),
      }),
    );
  });

  test("opens for no other account: rows cannot be swapped", () => {
    const mine = key();
    expect(() => openGrant(sealGrant(grant, "joe", mine), "ann", [mine])).toThrow(
      expect.objectContaining({ code: "token-damaged", kind: "config" }),
    );
  });

  test("opens no more once any octet of it has changed, or is missing", () => {
    const mine = key();
    const sealed = sealGrant(grant, "joe", mine);
    for (let at = 0; at < sealed.length; at++) {
      const damaged = Buffer.from(sealed);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      expect(() => openGrant(damaged, "joe", [mine])).toThrow(/token of joe/);
      expect(() => openGrant(sealed.subarray(0, at), "joe", [mine])).toThrow(/token of joe/);
    }
  });

  test("is never told by the error that it does not open", () => {
    const mine = key();
    const sealed = sealGrant({ ...grant, issuer: 1 as never }, "joe", mine);
    try {
      openGrant(sealed, "joe", [mine]);
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("t0ken");
      expect((error as Error).cause).toBeUndefined();
    }
  });
});

describe("keys", () => {
  const octets = Buffer.from(Array.from({ length: 32 }, (_, index) => index + 200));

  test.each([
    ["base64", octets.toString("base64")],
    ["base64 without padding", octets.toString("base64").replace("=", "")],
    ["base64url", octets.toString("base64url")],
    ["hex", octets.toString("hex")],
    ["hex with a line end", `${octets.toString("hex").toUpperCase()}\n`],
  ])("are read from %s", (_form, text) => {
    const [read] = parseTokenKeys(text, "a test");
    expect(read?.key.export()).toEqual(octets);
  });

  test("may be several: a new one before the old one", () => {
    const [one, other] = [newTokenKey(), newTokenKey()];
    const keys = parseTokenKeys(`${one}\n${other}\n`, "a test");
    const sealed = sealGrant(grant, "joe", keys[1] as TokenKey);
    expect(openGrant(sealed, "joe", keys)).toEqual(grant);
    expect(
      openGrant(sealGrant(grant, "joe", keys[0] as TokenKey), "joe", parseTokenKeys(one, "a test")),
    ).toEqual(grant);
  });

  test.each([
    "",
    "  \n",
    "secret",
    "0".repeat(63),
    octets.toString("base64").slice(4),
    "passphrase of many words",
  ])("are not guessed from %j, which is not repeated", (text) => {
    expect(() => parseTokenKeys(text, "MAILONCE_TOKEN_KEY")).toThrow(
      expect.objectContaining({ code: "token-key", kind: "config" }),
    );
    try {
      parseTokenKeys(text, "MAILONCE_TOKEN_KEY");
    } catch (error) {
      if (text.trim() !== "") expect((error as Error).message).not.toContain(text.trim());
    }
  });
});
