import { once } from "node:events";
import { createServer } from "node:net";
import { makeCertificate } from "@mailonce/testkit";
import { afterAll, describe, expect, test } from "vitest";
import { connect, type TlsExpectedError, type TlsUntrustedError } from "../src/index.ts";
import { errorOf, local } from "./client.ts";
import { serve } from "./server.ts";

const made = makeCertificate({ ca: "self" });
const names = ["mail.example.net", "pop.example.net", "192.0.2.1", "a.example", "b.example", "c.example"];
const other = makeCertificate({ ca: "self", names });
afterAll(async () => {
  for (const one of [made, other]) await one[Symbol.asyncDispose]();
});
const certificate = { cert: made.certificate, key: made.key };
const ca = made.ca;

describe("a server that waits for TLS", () => {
  test.each(["stls", "plain"] as const)("is found out instead of waited for (%s)", async (security) => {
    await using server = await serve({ certificate, implicitTls: true });
    const error = await errorOf(connect(local(server, { security, timeouts: { silenceMs: 50 } })));
    expect(error).toMatchObject({ code: "POP3_TLS_EXPECTED", sessionUsable: false });
    expect((error as TlsExpectedError).message).toBe(
      `127.0.0.1:${server.port} does not greet, but speaks TLS from the first octet: security "tls"`,
    );
    await server.closed();
    // The handshake, and nothing else.
    expect(server.lines).toEqual([]);
    expect(server.peers).toHaveLength(2);
  });

  test("is found out although its certificate is not trusted and its TLS is out of date", async () => {
    const old = {
      ...certificate,
      maxVersion: "TLSv1.1",
      minVersion: "TLSv1",
      ciphers: "DEFAULT@SECLEVEL=0",
    } as const;
    await using server = await serve({ certificate: old, implicitTls: true });
    const options = local(server, { security: "stls", timeouts: { silenceMs: 50 } });
    expect(await errorOf(connect(options))).toMatchObject({ code: "POP3_TLS_EXPECTED" });
  });

  test("is found out within the time that there is for a greeting", async () => {
    await using server = await serve({ certificate, implicitTls: true });
    const options = local(server, { security: "stls", timeouts: { preLoginMs: 1_000 } });
    expect(await errorOf(connect(options))).toMatchObject({ code: "POP3_TLS_EXPECTED" });
  });

  test("is told from a slow one, to which nothing is sent on its connection", async () => {
    let looked: (() => void) | null = null;
    const second = new Promise<void>((resolve) => {
      looked = resolve;
    });
    const received: Buffer[] = [];
    await using server = await serve({
      greeting: "",
      onConnect: (peer) => {
        if (server.peers.length > 1) return looked?.();
        peer.socket.on("data", (octets) => received.push(octets));
        // It greets only once somebody has looked.
        void second.then(() => {
          expect(received).toEqual([]);
          peer.write("+OK late\r\n");
        });
      },
    });
    await using client = await connect(local(server, { timeouts: { silenceMs: 20 } }));
    expect(client.greeting.text).toBe("late");
    await client.login({ user: "u", password: "p" });
  });

  test("is told from one that greets when it has guessed that no TLS comes", async () => {
    // As sslh does: what the client says first decides, and silence means POP3.
    await using tls = await serve({ certificate, implicitTls: true });
    await using plain = await serve();
    const { createConnection } = await import("node:net");
    const multiplexer = createServer((socket) => {
      socket.on("error", () => undefined);
      const passTo = (port: number, first?: Buffer): void => {
        const inner = createConnection(port, "127.0.0.1");
        inner.on("error", () => socket.destroy());
        if (first !== undefined) inner.write(first);
        inner.pipe(socket).pipe(inner);
      };
      const timer = setTimeout(() => {
        socket.removeAllListeners("data");
        passTo(plain.port);
      }, 250);
      socket.once("data", (first) => {
        clearTimeout(timer);
        passTo(tls.port, first);
      });
    });
    multiplexer.listen(0, "127.0.0.1");
    await once(multiplexer, "listening");
    const address = multiplexer.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    await using client = await connect({
      host: "127.0.0.1",
      port: address.port,
      security: "plain",
      timeouts: { silenceMs: 200, preLoginMs: 30_000 },
    });
    expect(client.usable).toBe(true);
    await client.quit();
    multiplexer.close();
  });

  test("that is silent to TLS, too, is waited for as long as is said", async () => {
    await using server = await serve({ greeting: "", answer: () => "" });
    const options = local(server, { timeouts: { silenceMs: 20, preLoginMs: 200, connectMs: 60 } });
    expect(await errorOf(connect(options))).toMatchObject({ code: "POP3_TIMEOUT", phase: "preLogin" });
    await server.closed();
  });

  test("is not looked for where that is not wanted", async () => {
    await using server = await serve({ certificate, implicitTls: true });
    const options = local(server, { timeouts: { silenceMs: Infinity, preLoginMs: 100 } });
    expect(await errorOf(connect(options))).toMatchObject({ code: "POP3_TIMEOUT" });
    expect(server.peers).toHaveLength(1);
  });

  test("is looked for through the caller's own way", async () => {
    await using server = await serve({ certificate, implicitTls: true });
    const { createConnection } = await import("node:net");
    const dialled: string[] = [];
    const error = await errorOf(
      connect({
        host: "pop.example.org",
        security: "stls",
        timeouts: { silenceMs: 20 },
        dial: async ({ host, port }) => {
          dialled.push(`${host}:${port}`);
          return createConnection(server.port, "127.0.0.1");
        },
      }),
    );
    expect(error).toMatchObject({ code: "POP3_TLS_EXPECTED" });
    expect(dialled).toEqual(["pop.example.org:110", "pop.example.org:110"]);
  });
});

describe("a server whose TLS is out of date", () => {
  test.each([
    ["TLSv1", "tls"],
    ["TLSv1.1", "tls"],
    ["TLSv1.1", "stls"],
  ] as const)("is refused, and told why (%s, %s)", async (version, security) => {
    const old = {
      ...certificate,
      minVersion: version,
      maxVersion: version,
      ciphers: "DEFAULT@SECLEVEL=0",
    };
    await using server = await serve({
      certificate: old,
      implicitTls: security === "tls",
      capabilities: ["STLS", "USER"],
      answer: (line, peer) => {
        if (line !== "STLS") return undefined;
        peer.write("+OK\r\n");
        peer.secure();
        return "";
      },
    });
    const error = await errorOf(connect(local(server, { security, tls: { ca } })));
    expect(error).toMatchObject({ code: "POP3_TLS_FAILED", problem: "version", spoken: version });
    expect(error.message).toContain(`it speaks ${version} at most, and TLSv1.2 is the least that is allowed`);
    expect(server.lines.filter((line) => line !== "CAPA" && line !== "STLS")).toEqual([]);
    // By name it is let in, with the ciphers that these versions need.
    await using client = await connect(local(server, { security, tls: { ca, minVersion: version } }));
    await client.login({ user: "u", password: "p" });
    await client.quit();
  });

  test("that breaks every handshake off is told as it is", async () => {
    await using server = await serve({ greeting: "", onConnect: (peer) => peer.socket.destroy() });
    const error = await errorOf(connect(local(server, { security: "tls" })));
    expect(error).toMatchObject({ code: "POP3_TLS_FAILED", problem: null, spoken: null });
  });

  test("that has none of the usual ciphers is let in by those that are named", async () => {
    const weak = { ...certificate, maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA" } as const;
    await using server = await serve({ certificate: weak, implicitTls: true });
    const strict = { ca, ciphers: "ECDHE-ECDSA-AES256-GCM-SHA384", minVersion: "TLSv1.2" } as const;
    const error = await errorOf(connect(local(server, { security: "tls", tls: strict })));
    expect(error).toMatchObject({ code: "POP3_TLS_FAILED", problem: "ciphers" });
    const tls = { ca, ciphers: "ECDHE-ECDSA-AES128-SHA" };
    await using client = await connect(local(server, { security: "tls", tls }));
    expect(client.usable).toBe(true);
  });

  test("is told from a port without TLS", async () => {
    await using server = await serve();
    const error = await errorOf(connect(local(server, { security: "tls" })));
    expect(error).toMatchObject({ code: "POP3_TLS_FAILED", problem: "no-tls" });
  });
});

test("a certificate of another name tells the names that it has", async () => {
  const cert = { cert: other.certificate, key: other.key };
  await using server = await serve({ certificate: cert, implicitTls: true });
  const error = await errorOf(connect(local(server, { security: "tls", tls: { ca: other.ca } })));
  expect(error).toMatchObject({ code: "POP3_TLS_UNTRUSTED", tlsCode: "ERR_TLS_CERT_ALTNAME_INVALID", names });
  expect((error as TlsUntrustedError).message).toBe(
    `the certificate of 127.0.0.1 is not trusted (ERR_TLS_CERT_ALTNAME_INVALID); it is for ${names.slice(0, 5).join(", ")}`,
  );
});
