import { makeCertificate } from "@mailonce/testkit";
import { afterAll, describe, expect, test } from "vitest";
import {
  type Credentials,
  connect,
  type LoginRefusedError,
  type Mechanism,
  type Pop3Client,
  type WireEvent,
} from "../src/index.ts";
import { errorOf, local } from "./client.ts";
import { apopGreeting, type SaslServerOptions, saslServer } from "./sasl-server.ts";
import { type ServerOptions, serve, type TestServer } from "./server.ts";

const made = makeCertificate();
afterAll(() => made[Symbol.asyncDispose]());
const certificate = { cert: made.certificate, key: made.key };

const password = { user: "alice", password: "secret" };
const token = { user: "alice", token: "t0ken" };
const everything: readonly Mechanism[] = [
  ...["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5"],
  ...["PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2"],
] as Mechanism[];

type Setting = SaslServerOptions &
  Pick<ServerOptions, "greeting"> & { capabilities?: readonly string[] | null };

const plainServer = ({ capabilities, greeting, ...sasl }: Setting = {}): Promise<TestServer> =>
  serve({
    capabilities: capabilities === undefined ? ["USER", `SASL ${everything.join(" ")}`] : capabilities,
    answer: saslServer(sasl),
    ...(greeting === undefined ? {} : { greeting }),
  });
const tlsServer = (
  { capabilities, ...sasl }: Setting = {},
  maxVersion: "TLSv1.2" | "TLSv1.3" = "TLSv1.3",
): Promise<TestServer> =>
  serve({
    capabilities: capabilities === undefined ? ["USER", `SASL ${everything.join(" ")}`] : capabilities,
    answer: saslServer({ certificate: made.certificate, ...sasl }),
    certificate: { ...certificate, maxVersion },
    implicitTls: true,
  });
const overTls = (server: TestServer): Promise<Pop3Client> =>
  connect(local(server, { security: "tls", tls: { ca: made.ca } }));

/** What the client sent to log in, without CAPA. */
const sent = (server: TestServer): string[] => server.lines.filter((line) => line !== "CAPA");

describe("by the mechanism that is named", () => {
  test.each(["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "USER"] as const)(
    "%s",
    async (name) => {
      await using server = await plainServer();
      await using client = await connect(local(server));
      await client.login(password, { mechanisms: [name] });
      expect(client.mechanism).toBe(name);
      await client.noop();
      if (name === "USER") return;
      await using wrong = await connect(local(server));
      const error = await errorOf(wrong.login({ user: "alice", password: "wrong" }, { mechanisms: [name] }));
      expect(error).toMatchObject({
        code: "POP3_LOGIN_REFUSED",
        advice: "stop",
      });
      expect(error.sessionUsable).toBe(true);
      await wrong.login(password, { mechanisms: [name] });
    },
  );

  test.each(["XOAUTH2", "OAUTHBEARER"] as const)("%s, without TLS only because it is named", async (name) => {
    await using server = await plainServer();
    await using client = await connect(local(server));
    expect(await errorOf(client.login(token))).toMatchObject({
      code: "POP3_NO_MECHANISM",
      offered: everything,
    });
    expect(sent(server)).toEqual([]);
    await client.login(token, { mechanisms: [name] });
    expect(client.mechanism).toBe(name);
  });

  test("APOP", async () => {
    await using server = await plainServer({ greeting: apopGreeting, password: "tanstaaf", user: "mrose" });
    await using client = await connect(local(server));
    await client.login({ user: "mrose", password: "tanstaaf" }, { mechanisms: ["APOP"] });
    expect(sent(server)).toEqual(["APOP mrose c4c9334bac560ecc979e58001b3e22fb"]);
  });

  test("the first of several that the server offers", async () => {
    await using server = await plainServer({ capabilities: ["SASL CRAM-MD5 PLAIN"] });
    await using client = await connect(local(server));
    await client.login(password, { mechanisms: ["APOP", "SCRAM-SHA-256", "PLAIN", "CRAM-MD5"] });
    expect(client.mechanism).toBe("PLAIN");
  });

  test("and none else", async () => {
    await using server = await plainServer({ capabilities: ["USER", "SASL PLAIN"] });
    await using client = await connect(local(server));
    const error = await errorOf(client.login(password, { mechanisms: ["SCRAM-SHA-256"] }));
    expect(error).toMatchObject({ code: "POP3_NO_MECHANISM", sessionUsable: true, offered: ["PLAIN"] });
    expect(sent(server)).toEqual([]);
  });

  test("unseen where the server has no CAPA", async () => {
    await using server = await plainServer({ capabilities: null });
    await using client = await connect(local(server));
    await client.login(password, { mechanisms: ["CRAM-MD5"] });
    expect(client.mechanism).toBe("CRAM-MD5");
  });
});

describe("by the best mechanism", () => {
  test.each<[Mechanism, readonly string[], string | undefined, Credentials]>([
    ["SCRAM-SHA-256", ["USER", "SASL PLAIN SCRAM-SHA-1 scram-sha-256 CRAM-MD5"], apopGreeting, password],
    ["SCRAM-SHA-1", ["USER", "SASL PLAIN SCRAM-SHA-1 CRAM-MD5"], apopGreeting, password],
    ["CRAM-MD5", ["USER", "SASL PLAIN CRAM-MD5"], apopGreeting, password],
    ["APOP", ["USER", "SASL PLAIN"], apopGreeting, password],
    ["USER", ["USER", "SASL PLAIN"], undefined, password],
    ["PLAIN", ["SASL LOGIN PLAIN"], undefined, password],
    ["LOGIN", ["SASL LOGIN"], undefined, password],
  ])("without TLS: %s of %j", async (expected, capabilities, greeting, credentials) => {
    await using server = await plainServer({ capabilities, ...(greeting === undefined ? {} : { greeting }) });
    await using client = await connect(local(server));
    await client.login(credentials);
    expect(client.mechanism).toBe(expected);
  });

  test.each<[Mechanism, readonly string[] | null, Credentials]>([
    ["SCRAM-SHA-256-PLUS", ["USER", `SASL ${everything.join(" ")}`], password],
    ["SCRAM-SHA-1-PLUS", ["USER", "SASL SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256"], password],
    ["SCRAM-SHA-256", ["USER", "SASL PLAIN CRAM-MD5 SCRAM-SHA-256"], password],
    ["USER", ["USER", "SASL PLAIN CRAM-MD5"], password],
    ["USER", null, password],
    ["PLAIN", ["SASL CRAM-MD5 PLAIN LOGIN"], password],
    ["OAUTHBEARER", ["USER", "SASL PLAIN XOAUTH2 OAUTHBEARER"], token],
    ["XOAUTH2", ["USER", "SASL PLAIN XOAUTH2"], token],
  ])("with TLS: %s of %j", async (expected, capabilities, credentials) => {
    await using server = await tlsServer({ capabilities });
    await using client = await overTls(server);
    await client.login(credentials);
    expect(client.mechanism).toBe(expected);
  });

  test("PLAIN before USER for a password that is not ASCII", async () => {
    await using server = await tlsServer({ capabilities: ["USER", "SASL PLAIN"], password: "pÃ¤ss" });
    await using client = await overTls(server);
    await client.login({ user: "alice", password: "päss" });
    expect(client.mechanism).toBe("PLAIN");
  });

  test("nothing where the server wants TLS first", async () => {
    await using server = await plainServer({ capabilities: ["STLS", "SASL"] });
    await using client = await connect(local(server));
    expect(await errorOf(client.login(password))).toMatchObject({ code: "POP3_NO_MECHANISM", offered: [] });
    expect(sent(server)).toEqual([]);
  });
});

describe("channel binding", () => {
  test.each([
    ["TLSv1.3", "tls-exporter"],
    ["TLSv1.2", "tls-server-end-point"],
  ] as const)("over %s is %s", async (version, type) => {
    await using server = await tlsServer({ bindings: [type] }, version);
    await using client = await overTls(server);
    await client.login(password);
    expect(client.mechanism).toBe("SCRAM-SHA-256-PLUS");
    const first = sent(server)[0]?.split(" ")[2] ?? "";
    expect(Buffer.from(first, "base64").toString()).toMatch(new RegExp(`^p=${type},,n=alice,`));
  });

  test("falls to the other kind where the server does not know the first", async () => {
    await using server = await tlsServer({ bindings: ["tls-server-end-point"] });
    await using client = await overTls(server);
    await client.login(password);
    expect(client.mechanism).toBe("SCRAM-SHA-256-PLUS");
  });

  test("falls to SCRAM without it where the server knows neither", async () => {
    await using server = await tlsServer({ bindings: [] });
    await using client = await overTls(server);
    await client.login(password);
    expect(client.mechanism).toBe("SCRAM-SHA-256");
    expect(Buffer.from(sent(server).at(-3)?.split(" ")[2] ?? "", "base64").toString()).toMatch(/^n,,/);
  });

  test("falls to SCRAM without it where the server refuses it in the end, without a reason", async () => {
    await using server = await tlsServer({ refusesLate: /-PLUS$/ });
    await using client = await overTls(server);
    await client.login(password);
    expect(client.mechanism).toBe("SCRAM-SHA-256");
    await using wrong = await overTls(server);
    const error = await errorOf(wrong.login({ user: "alice", password: "wrong" }));
    expect(error).toMatchObject({ mechanism: "SCRAM-SHA-256", code: "POP3_LOGIN_REFUSED" });
    await using insists = await overTls(server);
    expect(await errorOf(insists.login(password, { mechanisms: ["SCRAM-SHA-256-PLUS"] }))).toMatchObject({
      mechanism: "SCRAM-SHA-256-PLUS",
    });
  });

  test("that is required is never given up", async () => {
    await using server = await tlsServer({ refusesLate: /-PLUS$/ });
    await using client = await overTls(server);
    const required = { requireChannelBinding: true };
    expect(await errorOf(client.login(password, required))).toMatchObject({ code: "POP3_LOGIN_REFUSED" });
    const asked = sent(server).filter((line) => line.startsWith("AUTH"));
    expect(asked.length).toBeGreaterThan(0);
    for (const line of asked) expect(line).toMatch(/^AUTH SCRAM-SHA-\d+-PLUS /);
    await using without = await tlsServer({ capabilities: ["USER", "SASL SCRAM-SHA-256 PLAIN"] });
    await using other = await overTls(without);
    expect(await errorOf(other.login(password, required))).toMatchObject({ code: "POP3_NO_MECHANISM" });
    expect(sent(without)).toEqual([]);
  });

  test("says that it could where the offer may have been stripped", async () => {
    await using server = await tlsServer({ capabilities: ["SASL SCRAM-SHA-1"] });
    await using client = await overTls(server);
    await client.login(password);
    expect(Buffer.from(sent(server)[0]?.split(" ")[2] ?? "", "base64").toString()).toMatch(/^y,,/);
  });

  test("fails where somebody ends TLS in between", async () => {
    await using other = makeCertificate();
    const distorted = { certificate: other.certificate, bindings: ["tls-server-end-point"] };
    await using server = await tlsServer(distorted, "TLSv1.2");
    await using client = await overTls(server);
    expect(await errorOf(client.login(password))).toMatchObject({
      code: "POP3_LOGIN_REFUSED",
      mechanism: "SCRAM-SHA-256-PLUS",
      challenge: "e=invalid-proof",
    });
  });
});

describe("an initial response", () => {
  const names = ["PLAIN", "SCRAM-SHA-256", "XOAUTH2"] as const;
  test.each(names)("goes along with AUTH %s where it fits", async (name) => {
    await using server = await plainServer();
    await using client = await connect(local(server));
    await client.login(name === "XOAUTH2" ? token : password, { mechanisms: [name] });
    expect(sent(server)[0]?.split(" ")).toHaveLength(3);
  });

  test.each([
    [254, 3],
    [256, 2],
  ])("of a line of up to 255 octets: %i", async (octets, words) => {
    // AUTH PLAIN, blanks and CRLF are 13 octets; base64 comes in steps of four.
    const long = "x".repeat(octets === 254 ? 173 : 175);
    await using server = await plainServer({ password: long });
    await using client = await connect(local(server));
    await client.login({ user: "alice", password: long }, { mechanisms: ["PLAIN"] });
    expect(sent(server)[0]?.split(" ")).toHaveLength(words);
  });

  test("of a long token waits for a challenge", async () => {
    const long = "e".repeat(2000);
    await using server = await tlsServer({ token: long });
    await using client = await overTls(server);
    await client.login({ user: "alice", token: long }, { mechanisms: ["XOAUTH2"] });
    expect(sent(server)).toHaveLength(2);
    expect(sent(server)[0]).toBe("AUTH XOAUTH2");
  });

  test("is held back if so asked, and +OK is taken for the challenge", async () => {
    for (const okForChallenge of [false, true]) {
      await using server = await plainServer({ okForChallenge });
      await using client = await connect(local(server));
      await client.login(password, { mechanisms: ["PLAIN"], initialResponse: false });
      expect(sent(server)[0]).toBe("AUTH PLAIN");
      await client.noop();
    }
  });
});

describe("a refused token", () => {
  test.each(["XOAUTH2", "OAUTHBEARER"] as const)("tells what the server said (%s)", async (name) => {
    await using server = await tlsServer({ capabilities: [`SASL ${name}`] });
    await using client = await overTls(server);
    const error = await errorOf(client.login({ user: "alice", token: "stale" }));
    expect(error).toMatchObject({
      code: "POP3_LOGIN_REFUSED",
      mechanism: name,
      challenge: '{"status":"invalid_token","scope":"mail"}',
      responseCode: "AUTH",
      advice: "stop",
      sessionUsable: true,
    });
    expect(sent(server).at(-1)).toBe(name === "XOAUTH2" ? "" : "AQ==");
    await client.login(token);
  });

  test("is asked for once more, and the refusal is told", async () => {
    await using server = await tlsServer();
    await using client = await overTls(server);
    const asked: (LoginRefusedError | null)[] = [];
    await client.login(async (refused) => {
      asked.push(refused);
      return { user: "alice", token: refused === null ? "stale" : "t0ken" };
    });
    expect(asked).toHaveLength(2);
    expect(asked[1]).toMatchObject({ challenge: '{"status":"invalid_token","scope":"mail"}' });
  });

  test("is asked for no third time", async () => {
    await using server = await tlsServer();
    await using client = await overTls(server);
    let asked = 0;
    const error = await errorOf(client.login(() => ({ user: "alice", token: `stale${asked++}` })));
    expect(error.code).toBe("POP3_LOGIN_REFUSED");
    expect(asked).toBe(2);
  });

  test("a refused password is asked for once", async () => {
    await using server = await tlsServer();
    await using client = await overTls(server);
    let asked = 0;
    await errorOf(client.login(() => ({ user: "alice", password: `wrong${asked++}` })));
    expect(asked).toBe(1);
  });
});

describe("a refusal before the password is used", () => {
  test("leads to the next mechanism under TLS", async () => {
    await using server = await tlsServer({
      capabilities: ["USER", "SASL SCRAM-SHA-256 SCRAM-SHA-1 PLAIN"],
      refuses: ["SCRAM-SHA-256", "SCRAM-SHA-1"],
    });
    await using client = await overTls(server);
    await client.login(password);
    expect(client.mechanism).toBe("USER");
  });

  test("never leads to one that reveals it without TLS", async () => {
    await using server = await plainServer({
      capabilities: ["USER", "SASL SCRAM-SHA-256 PLAIN"],
      refuses: ["SCRAM-SHA-256"],
    });
    await using client = await connect(local(server));
    expect(await errorOf(client.login(password))).toMatchObject({ mechanism: "SCRAM-SHA-256" });
    expect(sent(server)).toHaveLength(1);
  });
});

describe("a server that does not do its part", () => {
  test.each([
    ["a wrong signature", (text: string) => (text.startsWith("v=") ? "v=AAAA" : text)],
    ["a foreign nonce", (text: string) => text.replace("r=", "r=x")],
  ])("%s cancels SCRAM, and the session stays in step", async (_, distort) => {
    await using server = await plainServer({ distort });
    await using client = await connect(local(server));
    const error = await errorOf(client.login(password, { mechanisms: ["SCRAM-SHA-256"] }));
    expect(error).toMatchObject({ code: "POP3_SASL_FAILED", sessionUsable: true });
    expect(sent(server).at(-1)).toBe("*");
    await client.login(password, { mechanisms: ["PLAIN"] });
  });

  test("is not believed when it accepts SCRAM without proof", async () => {
    await using server = await serve({
      capabilities: ["SASL SCRAM-SHA-256"],
      answer: (line) => (line.startsWith("AUTH") ? "+OK welcome\r\n" : undefined),
    });
    await using client = await connect(local(server));
    const error = await errorOf(client.login(password));
    expect(error).toMatchObject({ code: "POP3_SASL_FAILED", sessionUsable: false });
    expect(client.usable).toBe(false);
  });

  test("is left when it takes a cancellation for a login", async () => {
    await using server = await serve({
      capabilities: ["SASL CRAM-MD5"],
      answer: (line) => (line.startsWith("AUTH") ? "+ no base64!\r\n" : line === "*" ? "+OK\r\n" : undefined),
    });
    await using client = await connect(local(server));
    expect(await errorOf(client.login(password))).toMatchObject({
      code: "POP3_SASL_FAILED",
      sessionUsable: false,
    });
    expect(client.usable).toBe(false);
  });

  test("that challenges without end is cancelled", async () => {
    await using server = await serve({
      capabilities: ["SASL PLAIN"],
      answer: (line) => (line === "*" ? "-ERR\r\n" : line === "CAPA" ? undefined : "+ \r\n"),
    });
    await using client = await connect(local(server));
    expect(await errorOf(client.login(password))).toMatchObject({
      code: "POP3_SASL_FAILED",
      sessionUsable: true,
    });
  });

  test("that sends an endless challenge is cut off", async () => {
    await using server = await serve({
      capabilities: ["SASL CRAM-MD5"],
      answer: (line) => (line.startsWith("AUTH") ? `+ ${"A".repeat(20_000)}` : undefined),
    });
    await using client = await connect(local(server));
    expect(await errorOf(client.login(password))).toMatchObject({
      code: "POP3_LIMIT_EXCEEDED",
      limit: "challengeOctets",
    });
  });
});

describe("arguments", () => {
  test.each(["a\r\nDELE 1", "a\nb", "a\0b", ""])("%j is refused before anything is written", async (bad) => {
    await using server = await tlsServer();
    await using client = await overTls(server);
    for (const credentials of [
      { ...password, user: bad },
      { ...password, password: bad },
      { ...token, token: bad },
    ]) {
      for (const mechanisms of [["USER"], ["PLAIN"], ["SCRAM-SHA-256"], ["XOAUTH2"], ["APOP"]] as const) {
        expect(await errorOf(client.login(credentials, { mechanisms }))).toMatchObject({
          code: "POP3_INVALID_ARGUMENT",
        });
      }
    }
    expect(sent(server)).toEqual([]);
  });

  test("a blank in the user is refused by APOP", async () => {
    await using server = await plainServer({ greeting: apopGreeting });
    await using client = await connect(local(server));
    expect(
      await errorOf(client.login({ user: "a b", password: "x" }, { mechanisms: ["APOP"] })),
    ).toMatchObject({
      code: "POP3_INVALID_ARGUMENT",
    });
  });
});

describe("the wire log", () => {
  test.each<[Mechanism, Credentials]>([
    ...(["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "USER", "APOP"] as const).map(
      (name): [Mechanism, Credentials] => [name, { user: "alice", password: "hunter2" }],
    ),
    ["XOAUTH2", { user: "alice", token: "hunter2" }],
    ["OAUTHBEARER", { user: "alice", token: "hunter2" }],
  ])("never shows the secret of %s, sent or echoed, whether accepted or not", async (name, credentials) => {
    for (const accepted of [true, false]) {
      const secret = accepted ? "hunter2" : "other";
      const usual = saslServer({ password: secret, token: secret });
      await using server = await serve({
        capabilities: [`SASL ${everything.join(" ")}`],
        greeting: apopGreeting,
        answer: (line, peer) => {
          const reply =
            usual(line, peer) ?? (line.startsWith("PASS") && !accepted ? "-ERR no\r\n" : undefined);
          const echo = /^(-ERR|\+OK)(?! P| r)/.test(String(reply)) && line !== "CAPA";
          return echo ? String(reply).replace("\r\n", ` you said ${line} that is hunter2\r\n`) : reply;
        },
      });
      const log: WireEvent[] = [];
      await using client = await connect(
        local(server, { onWire: (event) => log.push({ ...event, octets: Uint8Array.from(event.octets) }) }),
      );
      const result = client.login(credentials, { mechanisms: [name] });
      const error = accepted ? await result.then(() => null) : await errorOf(result);
      const text = log.map(({ octets }) => Buffer.from(octets).toString("latin1")).join("");
      const secrets = server.lines
        .filter((line) => !["CAPA", "", "*", "USER alice", "AQ=="].includes(line))
        .map((line) =>
          line
            .split(" ")
            .slice(line.startsWith("AUTH") || line.startsWith("APOP") ? 2 : line.startsWith("PASS") ? 1 : 0)
            .join(" "),
        )
        .filter((line) => line !== "" && line !== Buffer.from("alice").toString("base64"));
      for (const shown of [text, `${error?.message} ${JSON.stringify(error)}`]) {
        for (const one of ["hunter2", ...secrets]) expect(shown).not.toContain(one);
      }
      expect(text).toContain("****");
    }
  });
});
