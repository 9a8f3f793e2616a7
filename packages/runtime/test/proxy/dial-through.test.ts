import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { connect, type Pop3Error } from "@mailonce/pop3";
import {
  type Dovecot,
  freePort,
  type ProxyOptions,
  type ProxyServer,
  simpleMail,
  startDovecot,
  startHttpProxy,
  startPop3Server,
  startSocksProxy,
} from "@mailonce/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failureOf } from "../../src/failure/failure.ts";
import { dialThrough } from "../../src/proxy/dial-through.ts";

const login = { user: "joe", password: "pr0xy pass/word" };

let dovecot: Dovecot;
beforeAll(async () => {
  dovecot = await startDovecot();
  const body = "through a proxy";
  const mail = { from: "b@example.com", to: "alice@example.org", subject: "Hello", body, date: new Date(0) };
  await dovecot.deliver("alice", [simpleMail(mail)]);
});
afterAll(() => dovecot.stop());

interface Kind {
  readonly scheme: "socks5" | "http";
  readonly start: (options?: ProxyOptions) => Promise<ProxyServer>;
}

const kinds: readonly Kind[] = [
  { scheme: "socks5", start: startSocksProxy },
  { scheme: "http", start: startHttpProxy },
];

describe.each(kinds)("$scheme", ({ scheme, start }) => {
  it.each(["tls", "stls", "plain"] as const)("reads mail from Dovecot (%s)", async (security) => {
    await using proxy = await start();
    const port = security === "tls" ? dovecot.pop3sPort : dovecot.pop3Port;
    await using client = await connect({
      host: "localhost",
      port,
      security,
      tls: { ca: readFileSync(dovecot.caFile, "utf8") },
      dial: dialThrough(`${scheme}://127.0.0.1:${proxy.port}`),
    });
    await client.login({ user: "alice", password: "secret" });
    const octets: Uint8Array[] = [];
    for await (const chunk of (await client.retr(1)).content) octets.push(chunk);
    expect(Buffer.concat(octets).toString()).toContain("through a proxy");
    await client.quit();
    // The name, not an address: the proxy looks it up.
    expect(proxy.log()).toContain(`localhost:${port}`);
  });

  it("asks for the certificate of the mail server, not of the proxy", async () => {
    await using proxy = await start();
    const dial = dialThrough(`${scheme}://127.0.0.1:${proxy.port}`);
    const ca = readFileSync(dovecot.caFile, "utf8");
    const asked = { host: "localhost", port: dovecot.pop3sPort, security: "tls", dial } as const;
    await expect(connect(asked)).rejects.toMatchObject({ code: "POP3_TLS_UNTRUSTED" });
    const tls = { ca, servername: "127.0.0.2" };
    await expect(connect({ ...asked, tls })).rejects.toMatchObject({
      tlsCode: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });

  it("logs in at the proxy", async () => {
    const plain = { user: login.user, password: "pr0xypassword" };
    await using proxy = await start({ login: plain });
    await using server = await startPop3Server();
    const url = `${scheme}://joe@127.0.0.1:${proxy.port}`;
    const through = (dial: ReturnType<typeof dialThrough>) =>
      connect({ host: "127.0.0.1", port: server.port, security: "plain", dial });
    await using client = await through(dialThrough(url, { password: plain.password }));
    expect(client.greeting.text).toContain("ready");
    await using other = await through(dialThrough(url.replace("joe", `joe:${plain.password}`)));
    expect(other.greeting.text).toContain("ready");

    const wrong = await failure(through(dialThrough(url, { password: "hunter2" })));
    expect(wrong).toMatchObject({ code: "proxy-login-refused", kind: "denied" });
    expect(wrong.everything).not.toContain("hunter2");
    const none = await failure(through(dialThrough(url.replace("joe@", ""))));
    expect(none).toMatchObject({ code: "proxy-login-wanted", kind: "denied" });
    expect(none.message).toContain("MAILONCE_PROXY_PASSWORD");
  });

  it("says that the proxy, and not the server, cannot be reached", async () => {
    const port = await freePort();
    const dial = dialThrough(`${scheme}://joe:hunter2@127.0.0.1:${port}`);
    const { everything, ...rest } = await failure(
      connect({ host: "mail.example.org", security: "tls", dial }),
    );
    expect(rest).toMatchObject({ code: "proxy-unreachable", kind: "unavailable" });
    expect(rest.message).toContain(`${scheme}://127.0.0.1:${port} cannot be reached`);
    expect(everything).not.toContain("hunter2");
  });

  it("says that the proxy cannot reach the server", async () => {
    await using proxy = await start();
    const dial = dialThrough(`${scheme}://127.0.0.1:${proxy.port}`);
    const port = await freePort();
    const error = await failure(connect({ host: "127.0.0.1", port, security: "plain", dial }));
    expect(error).toMatchObject({ code: "proxy-no-connection", kind: "unavailable" });
    expect(error.message).toContain(`cannot connect to 127.0.0.1 port ${port}`);
  });

  it("says that what answers is no such proxy", async () => {
    await using server = await startPop3Server();
    const dial = dialThrough(`${scheme}://127.0.0.1:${server.port}`);
    const error = await failure(connect({ host: "mail.example.org", security: "tls", dial }));
    expect(error).toMatchObject({ code: "proxy-protocol", kind: "unavailable" });
  });

  it("gives up on a proxy that says nothing, in time and when it is told to", async () => {
    await using silent = await listen(() => undefined);
    const url = `${scheme}://127.0.0.1:${silent.port}`;
    const target = { host: "mail.example.org", port: 995 };
    const timeouts = { connectMs: 50 };
    const slow = await failure(
      connect({ ...target, security: "tls", timeouts, dial: dialThrough(url, { timeouts }) }),
    );
    expect(slow).toMatchObject({ code: "proxy-timeout", kind: "unavailable" });
    const controller = new AbortController();
    const dialled = dialThrough(url, { signal: controller.signal })(target);
    controller.abort(new Error("enough"));
    await expect(dialled).rejects.toThrow("enough");
    await silent.left();
  });
});

it("says that a proxy forbids the port", async () => {
  await using proxy = await startHttpProxy({ ports: [443] });
  const dial = dialThrough(`http://127.0.0.1:${proxy.port}`);
  const error = await failure(connect({ host: "127.0.0.1", port: 110, security: "plain", dial }));
  expect(error).toMatchObject({ code: "proxy-forbids", kind: "unavailable" });
  expect(error.message).toContain("HTTP status 403");
});

/** RFC 1928 section 6. */
it.each([
  [1, "proxy-no-connection", "failure"],
  [2, "proxy-forbids", "does not allow"],
  [4, "proxy-no-connection", "host unreachable"],
  [5, "proxy-no-connection", "connection refused"],
])("understands SOCKS reply %i", async (reply, code, words) => {
  await using proxy = await listen((socket) => {
    socket.once("data", () => {
      socket.write(Buffer.from([5, 0]));
      socket.once("data", () => socket.end(Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0])));
    });
  });
  const dial = dialThrough(`socks5://127.0.0.1:${proxy.port}`);
  const error = await failure(connect({ host: "mail.example.org", security: "tls", dial }));
  expect(error).toMatchObject({ code, kind: "unavailable" });
  expect(error.message).toContain(words);
});

it.each([
  ["socks5", [Buffer.from([5, 0]), Buffer.concat([Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])])]],
  ["http", [Buffer.from("HTTP/1.1 200 Connection established\r\n\r\n")]],
] as const)(
  "loses nothing of a greeting that comes in one packet with the reply of %s",
  async (kind, replies) => {
    await using proxy = await listen((socket) => {
      const left = [...replies];
      socket.on("data", () => {
        const reply = left.shift();
        if (reply === undefined) socket.write("-ERR\r\n");
        else
          socket.write(left.length > 0 ? reply : Buffer.concat([reply, Buffer.from("+OK early bird\r\n")]));
      });
    });
    const dial = dialThrough(`${kind}://127.0.0.1:${proxy.port}`);
    await using client = await connect({ host: "mail.example.org", security: "plain", dial });
    expect(client.greeting.text).toBe("early bird");
  },
);

interface Listening extends AsyncDisposable {
  readonly port: number;
  /** Resolves when all connections are closed. */
  left(): Promise<void>;
}

async function listen(serve: (socket: Socket) => void): Promise<Listening> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined).on("close", () => open.delete(socket));
    socket.resume();
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const closed = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return {
    port: address !== null && typeof address === "object" ? address.port : 0,
    left: closed,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      if (server.listening) await closed();
    },
  };
}

/** How a command would end, and all that the error holds. */
async function failure(
  attempt: Promise<unknown>,
): Promise<ReturnType<typeof failureOf> & { everything: string }> {
  const error: unknown = await attempt.then(
    () => new Error("it went well"),
    (reason: unknown) => reason,
  );
  const texts: string[] = [];
  for (
    let one = error as Pop3Error | undefined;
    one !== undefined;
    one = one.cause as Pop3Error | undefined
  ) {
    texts.push(String(one.stack), JSON.stringify(one));
  }
  return { ...failureOf(error, { host: "mail.example.org", port: 995 }), everything: texts.join("\n") };
}
