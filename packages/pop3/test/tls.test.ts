import { createConnection } from "node:net";
import { Duplex } from "node:stream";
import { makeCertificate } from "@mailonce/testkit";
import { afterAll, expect, test } from "vitest";
import { connect } from "../src/index.ts";
import { errorOf, local } from "./client.ts";
import { type Answer, serve } from "./server.ts";

const made = {
  right: makeCertificate({ names: ["localhost", "pop.example.org", "127.0.0.1"], ca: "self" }),
  otherName: makeCertificate({ names: ["elsewhere.example.org"], ca: "self" }),
  expired: makeCertificate({ ca: "self", expired: true }),
};
afterAll(async () => {
  for (const one of Object.values(made)) await one[Symbol.asyncDispose]();
});
const certificate = { cert: made.right.certificate, key: made.right.key };
const trusted = { ca: made.right.ca };
const credentials = { user: "u", password: "hunter2" };

/** Answers STLS as RFC 2595 says; `behind` is sent in the same write as the reply. */
const stls =
  (behind = ""): Answer =>
  (line, peer) => {
    if (line !== "STLS") return undefined;
    peer.write(`+OK begin\r\n${behind}`);
    peer.secure();
    return "";
  };

test("TLS from the first octet, with a CA of one's own", async () => {
  await using server = await serve({ certificate, implicitTls: true });
  await using client = await connect(local(server, { security: "tls", tls: trusted }));
  await client.login(credentials);
  await client.quit();
  expect(server.lines).toEqual(["CAPA", "USER u", "PASS hunter2", "CAPA", "QUIT"]);
});

test("TLS through a dialler, as a proxy has it", async () => {
  await using server = await serve({ certificate, implicitTls: true });
  const dialled: unknown[] = [];
  await using client = await connect({
    host: "pop.example.org",
    security: "tls",
    tls: trusted,
    dial: async (target) => {
      dialled.push(target);
      const socket = createConnection(server.port, "127.0.0.1");
      // No net.Socket as node:tls sees it, but any duplex stream.
      return Duplex.from({ readable: socket, writable: socket });
    },
  });
  await client.login(credentials);
  await client.quit();
  expect(dialled).toEqual([{ host: "pop.example.org", port: 995 }]);
  await server.closed();
});

test("the name in the certificate is that of the host or the one asked for", async () => {
  await using server = await serve({ certificate, implicitTls: true });
  const options = local(server, { security: "tls" });
  await using named = await connect({ ...options, host: "localhost", tls: trusted });
  expect(named.usable).toBe(true);
  await using asked = await connect({ ...options, tls: { ...trusted, servername: "pop.example.org" } });
  expect(asked.usable).toBe(true);
  const error = await errorOf(connect({ ...options, tls: { ...trusted, servername: "imap.example.org" } }));
  expect(error).toMatchObject({ code: "POP3_TLS_UNTRUSTED", tlsCode: "ERR_TLS_CERT_ALTNAME_INVALID" });
});

test.each(["tls", "stls"] as const)("a self-signed certificate is refused (%s)", async (security) => {
  const implicitTls = security === "tls";
  await using server = await serve({ certificate, implicitTls, capabilities: ["STLS"], answer: stls() });
  const error = await errorOf(connect(local(server, { security })));
  expect(error).toMatchObject({ code: "POP3_TLS_UNTRUSTED", tlsCode: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  await server.closed();
  expect(server.lines).toEqual(implicitTls ? [] : ["CAPA", "STLS"]);
});

test.each([
  ["of another name", made.otherName, "ERR_TLS_CERT_ALTNAME_INVALID"],
  ["that has expired", made.expired, "CERT_HAS_EXPIRED"],
])(
  "a certificate %s is refused before anything is sent over TLS",
  async (_, { ca, certificate: cert, key }, tlsCode) => {
    await using server = await serve({ certificate: { cert, key }, capabilities: ["STLS"], answer: stls() });
    const options = local(server, { security: "stls", tls: { ca } });
    expect(await errorOf(connect(options))).toMatchObject({ code: "POP3_TLS_UNTRUSTED", tlsCode });
    await server.closed();
    expect(server.lines).toEqual(["CAPA", "STLS"]);
  },
);

test("a port that does not talk TLS is told from a bad certificate", async () => {
  await using server = await serve();
  const error = await errorOf(connect(local(server, { security: "tls", tls: trusted })));
  expect(error).toMatchObject({ code: "POP3_TLS_FAILED" });
});

test("settings that Node's TLS refuses are told, and the connection closed", async () => {
  await using server = await serve({ certificate, implicitTls: true });
  const tls = { ciphers: "NONE-OF-THAT-NAME" };
  const error = await errorOf(connect(local(server, { security: "tls", tls })));
  expect(error).toMatchObject({ code: "POP3_TLS_FAILED", cause: { code: "ERR_SSL_NO_CIPHER_MATCH" } });
  await server.closed();
});

test("a server that hangs in the handshake is given up", async () => {
  await using server = await serve({ greeting: "", answer: () => "" });
  const options = local(server, { security: "tls", timeouts: { connectMs: 20 } });
  expect(await errorOf(connect(options))).toMatchObject({ code: "POP3_TIMEOUT", phase: "tls" });
  await server.closed();
});

test("an old protocol version is refused", async () => {
  await using server = await serve({
    certificate: { ...certificate, maxVersion: "TLSv1.2" },
    implicitTls: true,
  });
  const options = local(server, { security: "tls", tls: { ...trusted, minVersion: "TLSv1.3" } });
  expect(await errorOf(connect(options))).toMatchObject({ code: "POP3_TLS_FAILED" });
});

test("STLS drops the capabilities and reads them anew", async () => {
  let secure = false;
  await using server = await serve({
    certificate,
    answer: (line, peer) => {
      if (line === "CAPA") return secure ? "+OK\r\nUSER\r\n.\r\n" : "+OK\r\nSTLS\r\nSASL LOGIN\r\n.\r\n";
      secure ||= line === "STLS";
      return stls()(line, peer);
    },
  });
  await using client = await connect(local(server, { security: "stls", tls: trusted }));
  expect(client.capabilities?.tags).toEqual(["USER"]);
  await client.login(credentials);
  expect(server.lines).toEqual(["CAPA", "STLS", "CAPA", "USER u", "PASS hunter2", "CAPA"]);
});

test("STLS is tried where there is no CAPA", async () => {
  await using server = await serve({ certificate, capabilities: null, answer: stls() });
  await using client = await connect(local(server, { security: "stls", tls: trusted }));
  expect(client.usable).toBe(true);
});

test("STLS stripped from the capabilities is a failure, not a downgrade", async () => {
  await using server = await serve({ certificate, capabilities: ["USER"] });
  const error = await errorOf(connect(local(server, { security: "stls", tls: trusted })));
  expect(error).toMatchObject({ code: "POP3_STLS_NOT_OFFERED" });
  await server.closed();
  expect(server.lines).toEqual(["CAPA"]);
});

test("STLS refused is a failure, not a downgrade", async () => {
  await using server = await serve({
    capabilities: ["STLS"],
    answer: (line) => (line === "STLS" ? "-ERR no\r\n" : undefined),
  });
  const error = await errorOf(connect(local(server, { security: "stls", tls: trusted })));
  expect(error).toMatchObject({ code: "POP3_STLS_NOT_OFFERED", sessionUsable: false });
  await server.closed();
  expect(server.lines).toEqual(["CAPA", "STLS"]);
});

test.each(["+OK injected\r\n", "-ERR injected\r\n", "+", "\0"])(
  "%j injected behind the reply to STLS is a failure",
  async (injected) => {
    await using server = await serve({ certificate, capabilities: ["STLS"], answer: stls(injected) });
    const error = await errorOf(connect(local(server, { security: "stls", tls: trusted })));
    expect(error).toMatchObject({ code: "POP3_STLS_INJECTION" });
    await server.closed();
    expect(server.lines).toEqual(["CAPA", "STLS"]);
  },
);
