import { X509Certificate } from "node:crypto";
import { makeCertificate } from "@mailonce/testkit";
import { describe, expect, test } from "vitest";
import { oauthBearer, xoauth2 } from "../src/sasl/bearer.ts";
import { apopDigest, cramMd5, login, plain } from "../src/sasl/password.ts";
import { saslName, saslPrep } from "../src/sasl/prepare.ts";
import { Scram, type ScramOptions } from "../src/sasl/scram.ts";
import { serverEndPoint } from "../src/transport/channel-binding.ts";

const text = (octets: Uint8Array): string => Buffer.from(octets).toString("utf8");
const scram = (options: Partial<ScramOptions> = {}): Scram =>
  new Scram({
    hash: "sha256",
    user: "user",
    password: "pencil",
    binding: null,
    mostIterations: 1_000_000,
    nonce: "rOprNGfwEbeRWgbNEkqO",
    ...options,
  });
const serverFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

describe("SCRAM", () => {
  test("is what RFC 5802 section 5 shows for SHA-1", async () => {
    const exchange = scram({ hash: "sha1", nonce: "fyko+d2lbbFgONRv9qkxdawL" });
    expect(text(exchange.initial)).toBe("n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL");
    const first = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
    expect(text(await exchange.answer(Buffer.from(first)))).toBe(
      "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    );
    expect(exchange.incomplete).toContain("not proved");
    expect(text(await exchange.answer(Buffer.from("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")))).toBe("");
    expect(exchange.incomplete).toBeNull();
  });

  test("is what RFC 7677 section 3 shows for SHA-256", async () => {
    const exchange = scram();
    expect(text(exchange.initial)).toBe("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    expect(exchange.secretUsed).toBe(false);
    expect(text(await exchange.answer(Buffer.from(serverFirst)))).toBe(
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    );
    expect(exchange.secretUsed).toBe(true);
    await exchange.answer(Buffer.from("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    expect(exchange.incomplete).toBeNull();
    await expect(exchange.answer(Buffer.from("more"))).rejects.toMatchObject({ code: "POP3_SASL_FAILED" });
  });

  test.each([
    ["a nonce that is not ours", "r=other,s=QSXCR+Q6sek8bf92,i=4096"],
    ["a nonce that adds nothing to ours", "r=rOprNGfwEbeRWgbNEkqO,s=QSXCR+Q6sek8bf92,i=4096"],
    ["a mandatory extension", "m=x,r=rOprNGfwEbeRWgbNEkqOx,s=QSXCR+Q6sek8bf92,i=4096"],
    ["no salt", "r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096"],
    ["too few iterations", "r=rOprNGfwEbeRWgbNEkqOx,s=QSXCR+Q6sek8bf92,i=4095"],
    ["too many iterations", "r=rOprNGfwEbeRWgbNEkqOx,s=QSXCR+Q6sek8bf92,i=1000001"],
    ["a count that is none", "r=rOprNGfwEbeRWgbNEkqOx,s=QSXCR+Q6sek8bf92,i=1e5"],
    ["nothing", ""],
  ])("refuses %s", async (_, message) => {
    await expect(scram().answer(Buffer.from(message))).rejects.toMatchObject({ code: "POP3_SASL_FAILED" });
  });

  test.each(["v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "v=", "x=1"])(
    "refuses a server that ends with %s",
    async (message) => {
      const exchange = scram();
      await exchange.answer(Buffer.from(serverFirst));
      await expect(exchange.answer(Buffer.from(message))).rejects.toMatchObject({ code: "POP3_SASL_FAILED" });
      expect(exchange.incomplete).not.toBeNull();
    },
  );

  test("keeps the reason that the server gives, and waits for the refusal", async () => {
    for (const messages of [["e=unknown-user"], [serverFirst, "e=invalid-proof"]]) {
      const exchange = scram();
      for (const message of messages) await exchange.answer(Buffer.from(message));
      expect(exchange.failure).toBe(messages.at(-1));
      expect(exchange.incomplete).not.toBeNull();
      await expect(exchange.answer(Buffer.from("e=again"))).rejects.toMatchObject({
        code: "POP3_SASL_FAILED",
      });
    }
  });

  test("says how it is bound to the channel", () => {
    const binding = { type: "tls-exporter", data: Buffer.from("x") };
    expect(text(scram({ binding }).initial)).toMatch(/^p=tls-exporter,,n=user/);
    expect(text(scram({ couldBind: true }).initial)).toMatch(/^y,,n=user/);
  });

  test("writes commas and equal signs of the user in their own way", () => {
    expect(text(scram({ user: "a=b,c" }).initial)).toContain("n=a=3Db=2Cc,");
    expect(saslName("a=b,c")).toBe("a=3Db=2Cc");
  });

  test("chooses another nonce each time", () => {
    const { nonce: _, ...options } = {
      hash: "sha1",
      user: "u",
      password: "p",
      binding: null,
      mostIterations: 1,
      nonce: 0,
    } as const;
    expect(text(new Scram(options).initial)).not.toBe(text(new Scram(options).initial));
  });
});

describe("SASLprep", () => {
  test.each([
    ["I\u00adX", "IX"],
    ["user", "user"],
    ["USER", "USER"],
    ["\u00aa", "a"],
    ["\u2168", "IX"],
    ["a\u00a0b", "a b"],
    ["\u0627\u06281\u0628", "\u0627\u06281\u0628"],
  ])("makes of %j what RFC 4013 section 3 wants", (given, prepared) => {
    expect(saslPrep(given, "user")).toBe(prepared);
  });

  test.each(["\u0007", "\u06271", "a\u0627", "\ue000", "\ud800", "\u200e", "\u00ad"])(
    "refuses %j",
    (given) => {
      expect(() => saslPrep(given, "password")).toThrow(
        expect.objectContaining({ code: "POP3_INVALID_ARGUMENT" }),
      );
    },
  );
});

describe("the simple mechanisms", () => {
  test("CRAM-MD5 is what RFC 2195 shows", () => {
    const exchange = cramMd5("tim", "tanstaaftanstaaf");
    expect(exchange.incomplete).not.toBeNull();
    expect(
      text(exchange.answer(Buffer.from("<1896.697170952@postoffice.reston.mci.net>")) as Uint8Array),
    ).toBe("tim b913a602c7eda7a495b4e6e7334d3890");
    expect(exchange.incomplete).toBeNull();
    expect(() => exchange.answer(Buffer.of())).toThrow("second challenge");
  });

  test("APOP is what RFC 1939 shows", () => {
    expect(apopDigest("<1896.697170952@dbc.mtview.ca.us>", "tanstaaf")).toBe(
      "c4c9334bac560ecc979e58001b3e22fb",
    );
  });

  test("PLAIN is what RFC 4616 shows", () => {
    expect(text(plain("tim", "tanstaaftanstaaf").initial ?? Buffer.of())).toBe("\0tim\0tanstaaftanstaaf");
    expect(() => plain("tim", "x").answer(Buffer.of())).toThrow("asks for more");
  });

  test("LOGIN answers two prompts whatever they say, and no third", () => {
    const exchange = login("tim", "pw");
    expect(text(exchange.answer(Buffer.from("foo")) as Uint8Array)).toBe("tim");
    expect(exchange.incomplete).not.toBeNull();
    expect(exchange.secretUsed).toBe(false);
    expect(text(exchange.answer(Buffer.from("bar")) as Uint8Array)).toBe("pw");
    expect([exchange.incomplete, exchange.secretUsed]).toEqual([null, true]);
    expect(() => exchange.answer(Buffer.of())).toThrow("third time");
  });

  test("OAUTHBEARER is what RFC 7628 section 4.1 shows", () => {
    const exchange = oauthBearer(
      "user@example.com",
      "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
      "server.example.com",
      143,
    );
    expect(text(exchange.initial ?? Buffer.of())).toBe(
      "n,a=user@example.com,\u0001host=server.example.com\u0001port=143\u0001auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\u0001\u0001",
    );
    expect(text(exchange.answer(Buffer.from('{"status":"invalid_token"}')) as Uint8Array)).toBe("\u0001");
    expect(exchange.failure).toBe('{"status":"invalid_token"}');
    expect(exchange.incomplete).toContain("refused the token");
    expect(() => exchange.answer(Buffer.of())).toThrow("second challenge");
  });

  test("XOAUTH2 is what Google documents", () => {
    const exchange = xoauth2("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
    expect(Buffer.from(exchange.initial ?? "").toString("base64")).toBe(
      "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ==",
    );
    expect(text(exchange.answer(Buffer.of()) as Uint8Array)).toBe("");
  });

  test.each(["", "two words", "t\u0001x", "tök"])("the token %j is refused", (token) => {
    expect(() => xoauth2("u", token)).toThrow(expect.objectContaining({ code: "POP3_INVALID_ARGUMENT" }));
    expect(() => oauthBearer("u", token, "h", 1)).toThrow();
  });

  test("a user cannot smuggle fields into XOAUTH2", () => {
    expect(() => xoauth2("u\u0001auth=Bearer other", "t")).toThrow("0x01");
  });
});

describe("tls-server-end-point", () => {
  test("is the certificate's SHA-256 where that is the hash of its signature", async () => {
    await using made = makeCertificate();
    const { raw, fingerprint256 } = new X509Certificate(made.certificate);
    expect(serverEndPoint(raw)?.toString("hex").toUpperCase()).toBe(fingerprint256.replaceAll(":", ""));
  });

  test.each(["", "30", "3080", "308500000000", "30043002", "3005300006022a03"])(
    "is not made up for %j",
    (hex) => {
      expect(serverEndPoint(Buffer.from(hex, "hex"))).toBeNull();
    },
  );
});
