import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { makeCertificate, temporaryFolder } from "@mailonce/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { connect, type TlsOptions } from "../src/index.ts";
import { errorOf, local } from "./client.ts";
import { saslServer } from "./sasl-server.ts";
import { type Answer, serve, type TestServer } from "./server.ts";

const made = {
  right: makeCertificate(),
  other: makeCertificate(),
  otherName: makeCertificate({ names: ["elsewhere.example.org"] }),
  expired: makeCertificate({ expired: true }),
  selfSigned: makeCertificate({ ca: "self" }),
  client: makeCertificate({ names: ["alice"] }),
};
afterAll(async () => {
  for (const one of Object.values(made)) await one[Symbol.asyncDispose]();
});

const sha256 = (octets: Uint8Array): Buffer => createHash("sha256").update(octets).digest();
const pinsOf = (pem: string): { certificate: Buffer; key: Buffer } => {
  const { raw, publicKey } = new X509Certificate(pem);
  return { certificate: sha256(raw), key: sha256(publicKey.export({ type: "spki", format: "der" })) };
};
const right = pinsOf(made.right.certificate);
const other = pinsOf(made.other.certificate);
const { ca } = made.right;

/** Keeps what came in before and inside TLS, as octets. */
async function listening(
  security: "tls" | "stls",
  of: { readonly certificate: string; readonly key: string },
  behind = "",
): Promise<TestServer & { readonly clear: () => string }> {
  const chunks: Buffer[] = [];
  const sasl = saslServer();
  const answer: Answer = (line, peer) => {
    if (line !== "STLS") return sasl(line, peer);
    peer.write(`+OK begin\r\n${behind}`);
    peer.secure();
    return "";
  };
  const server = await serve({
    certificate: { cert: of.certificate, key: of.key },
    implicitTls: security === "tls",
    capabilities: ["STLS", "USER", "SASL PLAIN LOGIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS CRAM-MD5 XOAUTH2"],
    answer,
    onConnect: (peer) => peer.socket.on("data", (chunk: Buffer) => chunks.push(chunk)),
  });
  return Object.assign(server, { clear: () => Buffer.concat(chunks).toString("latin1") });
}

type Security = "tls" | "stls";
const cases: [Security, string, { certificate: string; key: string }, TlsOptions, string][] = (
  ["tls", "stls"] as const
).flatMap((security): typeof cases => [
  [security, "self-signed", made.selfSigned, {}, "DEPTH_ZERO_SELF_SIGNED_CERT"],
  [security, "of an unknown CA", made.other, { ca }, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  [security, "of another name", made.otherName, { ca: made.otherName.ca }, "ERR_TLS_CERT_ALTNAME_INVALID"],
  [security, "expired", made.expired, { ca: made.expired.ca }, "CERT_HAS_EXPIRED"],
  [
    security,
    "not pinned",
    made.right,
    { ca, pinnedCertificates: [other.certificate.toString("hex")] },
    "PIN_MISMATCH",
  ],
  [
    security,
    "valid, and not the one trusted by its fingerprint",
    made.right,
    { ca, trustedCertificates: [other.certificate.toString("hex")] },
    "PIN_MISMATCH",
  ],
  [
    security,
    "trusted by its fingerprint, with another key pinned besides",
    made.right,
    {
      trustedCertificates: [right.certificate.toString("hex")],
      pinnedPublicKeys: [other.key.toString("base64")],
    },
    "PIN_MISMATCH",
  ],
  [
    security,
    "self-signed, and pinned without being trusted",
    made.selfSigned,
    { pinnedCertificates: [pinsOf(made.selfSigned.certificate).certificate.toString("hex")] },
    "DEPTH_ZERO_SELF_SIGNED_CERT",
  ],
  [
    security,
    "with a key not pinned",
    made.right,
    { ca, pinnedPublicKeys: [other.key.toString("base64")] },
    "PIN_MISMATCH",
  ],
  [
    security,
    "pinned by one digest of two kinds",
    made.right,
    {
      ca,
      pinnedCertificates: [right.certificate.toString("hex")],
      pinnedPublicKeys: [other.key.toString("hex")],
    },
    "PIN_MISMATCH",
  ],
]);

describe("no octet of a credential is sent", () => {
  test.each(cases)("over %s where the certificate is %s", async (security, _, certificate, tls, tlsCode) => {
    await using server = await listening(security, certificate);
    const attempt = connect(local(server, { security, tls })).then(async (client) => {
      await client.login({ user: "alice", password: "secret" });
    });
    expect(await errorOf(attempt)).toMatchObject({ code: "POP3_TLS_UNTRUSTED", tlsCode });
    await server.closed();
    expect(server.lines).toEqual(security === "tls" ? [] : ["CAPA", "STLS"]);
    expect(server.clear()).not.toMatch(/USER|PASS|AUTH|alice|secret/);
  });

  test("where replies were injected behind STLS, or STLS was stripped", async () => {
    await using injecting = await listening("stls", made.right, "+OK injected\r\n");
    const login = { user: "alice", password: "secret" };
    const first = connect(local(injecting, { security: "stls", tls: { ca } })).then((client) =>
      client.login(login),
    );
    expect(await errorOf(first)).toMatchObject({ code: "POP3_STLS_INJECTION" });
    await injecting.closed();
    await using stripping = await serve({ capabilities: ["USER"], answer: saslServer() });
    const second = connect(local(stripping, { security: "stls", tls: { ca } })).then((client) =>
      client.login(login),
    );
    expect(await errorOf(second)).toMatchObject({ code: "POP3_STLS_NOT_OFFERED" });
    await stripping.closed();
    expect([injecting.lines, stripping.lines]).toEqual([["CAPA", "STLS"], ["CAPA"]]);
    expect(injecting.clear()).not.toMatch(/alice|secret/);
  });
});

describe("a pinned certificate", () => {
  const hex = right.certificate.toString("hex");
  test.each<[string, TlsOptions]>([
    ["by its digest in hex", { pinnedCertificates: [hex] }],
    [
      "by its digest with colons",
      { pinnedCertificates: [new X509Certificate(made.right.certificate).fingerprint256] },
    ],
    ["by its digest in base64", { pinnedCertificates: [right.certificate.toString("base64")] }],
    ["by its key", { pinnedPublicKeys: [right.key.toString("hex")] }],
    ["by one of several", { pinnedPublicKeys: [other.key.toString("hex"), right.key.toString("base64")] }],
    ["by both", { pinnedCertificates: [hex], pinnedPublicKeys: [right.key.toString("hex")] }],
  ])("is accepted %s", async (_, tls) => {
    await using server = await listening("tls", made.right);
    await using client = await connect(local(server, { security: "tls", tls: { ca, ...tls } }));
    await client.login({ user: "alice", password: "secret" });
    expect(client.mechanism).toBe("SCRAM-SHA-256-PLUS");
  });

  test.each<TlsOptions>([
    { pinnedCertificates: [] },
    { pinnedCertificates: ["abc"] },
    { pinnedPublicKeys: [hex, ""] },
    { trustedCertificates: [] },
    { trustedCertificates: [hex.slice(0, 40)] },
    { pinnedPublicKeys: [hex.slice(2)] },
  ])("%j is no pin, and nobody is connected to", async (tls) => {
    await using server = await serve();
    expect(await errorOf(connect(local(server, { security: "tls", tls })))).toMatchObject({
      code: "POP3_INVALID_ARGUMENT",
    });
    expect(server.peers).toEqual([]);
  });
});

describe("a certificate that is trusted by its fingerprint", () => {
  test.each([
    ["is self-signed", made.selfSigned],
    ["is of an unknown CA", made.other],
    ["has expired", made.expired],
    ["is of another name", made.otherName],
  ])("is accepted though it %s", async (_, certificate) => {
    for (const security of ["tls", "stls"] as const) {
      await using server = await listening(security, certificate);
      const trustedCertificates = [
        other.key.toString("hex"),
        new X509Certificate(certificate.certificate).fingerprint256,
      ];
      await using client = await connect(local(server, { security, tls: { trustedCertificates } }));
      await client.login({ user: "alice", password: "secret" });
      expect(client.mechanism).toBe("SCRAM-SHA-256-PLUS");
    }
  });
});

test("a certificate whose key can be broken is not trusted by its fingerprint, unless weak ones are allowed", async () => {
  await using folder = temporaryFolder();
  const [key, certificate] = [join(folder.path, "key"), join(folder.path, "certificate")];
  const request = ["req", "-x509", "-nodes", "-newkey", "rsa:768", "-subj", "/CN=localhost", "-days", "3"];
  execFileSync("openssl", [...request, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  const pem = readFileSync(certificate, "utf8");
  await using server = await serve({
    certificate: { cert: pem, key: readFileSync(key, "utf8"), ciphers: "DEFAULT@SECLEVEL=0" },
    implicitTls: true,
  });
  const trustedCertificates = [new X509Certificate(pem).fingerprint256];
  const tls = { trustedCertificates };
  expect(await errorOf(connect(local(server, { security: "tls", tls })))).toMatchObject({
    code: "POP3_TLS_UNTRUSTED",
    tlsCode: "UNSPECIFIED",
  });
  const weak = { ...tls, ciphers: "DEFAULT@SECLEVEL=0" };
  await using client = await connect(local(server, { security: "tls", tls: weak }));
  expect(client.usable).toBe(true);
});

test("a certificate in `ca` is trusted, whoever signed it: for its own names", async () => {
  const leaf = { ca: made.other.certificate };
  await using server = await listening("tls", made.other);
  await using client = await connect(local(server, { security: "tls", tls: leaf }));
  expect(client.usable).toBe(true);
  await using elsewhere = await listening("tls", made.otherName);
  const tls = { ca: made.otherName.certificate };
  expect(await errorOf(connect(local(elsewhere, { security: "tls", tls })))).toMatchObject({
    tlsCode: "ERR_TLS_CERT_ALTNAME_INVALID",
  });
});

test.each([
  ["self-signed", made.selfSigned, {}],
  ["expired", made.expired, { ca: made.expired.ca }],
  ["not pinned", made.right, { ca, pinnedPublicKeys: [other.key.toString("hex")] }],
])("the error says which certificate was not trusted: %s", async (_, certificate, tls) => {
  await using server = await listening("tls", certificate);
  const { certificate: sha256Of, key } = pinsOf(certificate.certificate);
  expect(await errorOf(connect(local(server, { security: "tls", tls })))).toMatchObject({
    certificate: {
      sha256: sha256Of.toString("base64"),
      publicKeySha256: key.toString("base64"),
      validTo: new Date(new X509Certificate(certificate.certificate).validTo),
    },
  });
});

test("a client certificate is shown where the server asks for one", async () => {
  const seen: unknown[] = [];
  await using server = await serve({
    certificate: { cert: made.right.certificate, key: made.right.key, requestCert: true, ca: made.client.ca },
    implicitTls: true,
    answer: (_, peer) => {
      if (peer.socket instanceof TLSSocket) seen.push(peer.socket.getPeerCertificate().subject.CN);
      return undefined;
    },
  });
  const { certificate, key } = made.client;
  for (const passphrase of [{}, { passphrase: "unused" }]) {
    const clientCertificate = { certificate, key, ...passphrase };
    await using client = await connect(local(server, { security: "tls", tls: { ca, clientCertificate } }));
    expect(client.usable).toBe(true);
  }
  expect(seen).toEqual(["alice", "alice"]);
});
