import { TLSSocket } from "node:tls";
import { makeCertificate } from "@mailonce/testkit";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { connect } from "../src/index.ts";
import { errorOf, local } from "./client.ts";
import { serve } from "./server.ts";

// The runtimes themselves run the packed client in scripts/test-packages.mjs.
const made = makeCertificate({ ca: "self" });
afterAll(() => made[Symbol.asyncDispose]());
const certificate = { cert: made.certificate, key: made.key };
const credentials = { user: "u", password: "p" };

describe("a runtime whose TLS sockets", () => {
  const own = Object.getOwnPropertyDescriptors(TLSSocket.prototype);
  const replaceBy = (name: "exportKeyingMaterial" | "getPeerCertificate", value: unknown): void => {
    Object.defineProperty(TLSSocket.prototype, name, { value, configurable: true });
  };
  /** What Node's own check needs of the certificate is there, its octets are not. */
  const withoutOctets = function (this: TLSSocket): object {
    return { ...own.getPeerCertificate.value?.call(this, true), raw: undefined };
  };
  afterEach(() => void Object.defineProperties(TLSSocket.prototype, own));

  test("export no keying material, as Deno's, connects and logs in", async () => {
    replaceBy("exportKeyingMaterial", undefined);
    await using server = await serve({ certificate, implicitTls: true });
    await using client = await connect(local(server, { security: "tls", tls: { ca: made.ca } }));
    await client.login(credentials);
    await client.quit();
  });

  test("give nothing to bind to says so where a login has to be bound", async () => {
    replaceBy("exportKeyingMaterial", undefined);
    replaceBy("getPeerCertificate", withoutOctets);
    const capabilities = ["SASL SCRAM-SHA-256-PLUS SCRAM-SHA-256"];
    await using server = await serve({ certificate, implicitTls: true, capabilities });
    await using client = await connect(local(server, { security: "tls", tls: { ca: made.ca } }));
    const error = await errorOf(client.login(credentials, { requireChannelBinding: true }));
    expect(error).toMatchObject({ code: "POP3_NO_MECHANISM", sessionUsable: true });
    expect(error.message).toBe(
      "no way to log in bound to the TLS channel (requireChannelBinding): this runtime and certificate give nothing to bind to",
    );
    expect(server.lines).toEqual(["CAPA"]);
  });

  test("give no certificate refuses a pin rather than overlook it", async () => {
    replaceBy("getPeerCertificate", withoutOctets);
    await using server = await serve({ certificate, implicitTls: true });
    const tls = { ca: made.ca, pinnedCertificates: ["0".repeat(64)] };
    expect(await errorOf(connect(local(server, { security: "tls", tls })))).toMatchObject({
      tlsCode: "PIN_MISMATCH",
    });
  });
});

test("a login that has to be bound says what the server or the line lacks", async () => {
  await using server = await serve({ capabilities: ["SASL SCRAM-SHA-256"] });
  await using plain = await connect(local(server));
  const error = await errorOf(plain.login(credentials, { requireChannelBinding: true }));
  expect(error.message).toBe(
    "no way to log in bound to the TLS channel (requireChannelBinding) on a line without TLS: the server offers SCRAM-SHA-256",
  );
});
