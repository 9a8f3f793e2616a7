import { afterEach, describe, expect, test } from "vitest";
import { connect, type Pop3Client, type Pop3Error, type Pop3Options } from "../src/index.ts";
import { all, errorOf, local, loggedIn } from "./client.ts";
import { serve } from "./server.ts";

/** As JavaScript calls it, where nobody checks types. */
const connectBy = (given?: unknown): Promise<Pop3Client> => connect(given as Pop3Options);
const base = { host: "127.0.0.1", port: 1, security: "plain" } as const;

async function refusal(given?: unknown): Promise<Pop3Error> {
  const error = await errorOf(connectBy(given));
  expect(error).toMatchObject({ code: "POP3_INVALID_ARGUMENT", name: "InvalidArgumentError" });
  return error;
}

const timeouts = ["connectMs", "silenceMs", "preLoginMs", "replyMs", "idleMs", "rateMs", "listingMs"];
const limits = [
  "statusLineOctets",
  "challengeOctets",
  "scramIterations",
  "capabilityOctets",
  "listingOctets",
  "listingLineOctets",
  "listingLines",
  "messageOctets",
  "headerOctets",
  "topOctets",
  "leastRate",
  "bufferedOctets",
];
const noNumbers: readonly unknown[] = [
  "x",
  "30000",
  Number.NaN,
  -1,
  -Infinity,
  null,
  true,
  {},
  [1],
  1n,
  () => 1,
];

describe("connect refuses", () => {
  test.each([
    { given: undefined },
    { given: null },
    { given: "pop.example.org" },
    { given: 42 },
    { given: [] },
    { given: {} },
  ])("%j, and says what it needs", async ({ given }) => {
    expect((await refusal(given)).message).toMatch(/^connect: (?:options|host) was given as .*; allowed is /);
  });

  test.each([...timeouts.map((name) => ["timeouts", name]), ...limits.map((name) => ["limits", name])])(
    "what is no number for %s.%s",
    async (group, name) => {
      for (const value of noNumbers) {
        const { message } = await refusal({ ...base, [group ?? ""]: { [name ?? ""]: value } });
        expect(message).toMatch(
          new RegExp(`^connect: ${group}\\.${name} was given as .*; allowed is a number`),
        );
      }
      if (name !== "leastRate") await refusal({ ...base, [group ?? ""]: { [name ?? ""]: 0 } });
    },
  );

  test.each([
    [{ host: undefined }, "connect: host was given as nothing; allowed is a host name or an address"],
    [{ host: "" }, 'host was given as ""'],
    [{ host: 7 }, "host was given as 7"],
    [{ host: "joe@example.org" }, 'host was given as "joe@example.org"'],
    [{ port: "995" }, 'port was given as "995"; allowed is a whole number from 1 to 65535'],
    [{ port: 0 }, "port was given as 0"],
    [{ port: 65_536 }, "port was given as 65536"],
    [{ port: 1.5 }, "port was given as 1.5"],
    [{ port: Number.NaN }, "port was given as NaN"],
    [{ security: "ssl" }, 'security was given as "ssl"; allowed is "tls", "stls", "plain"'],
    [{ security: undefined }, "security was given as nothing"],
    [{ tls: true }, "tls was given as true"],
    [{ tls: { minVersion: "TLSv9" } }, 'tls.minVersion was given as "TLSv9"; allowed is "TLSv1", '],
    [{ tls: { ca: "ca.pem" } }, "tls.ca was given as"],
    [{ tls: { ciphers: "" } }, "tls.ciphers was given as"],
    [{ tls: { servername: 1 } }, "tls.servername was given as 1"],
    [{ tls: { pinnedPublicKeys: [1] } }, "tls.pinnedPublicKeys was given as a list"],
    [{ tls: { clientCertificate: { certificate: "c" } } }, "tls.clientCertificate.key was given as nothing"],
    [{ timeouts: 30_000 }, "timeouts was given as 30000"],
    [{ limits: [] }, "limits was given as a list"],
    [{ utf8: "yes" }, 'utf8 was given as "yes"; allowed is true, false'],
    [{ pipelining: 1 }, "pipelining was given as 1"],
    [{ signal: {} }, "signal was given as an object; allowed is an AbortSignal"],
    [{ onWire: {} }, "onWire was given as an object; allowed is a function"],
    [{ dial: "socks5://x" }, 'dial was given as "socks5://x"'],
    [{ knownCapabilities: ["TOP"] }, "knownCapabilities was given as a list"],
    [{ timeout: 30 }, "connect: there is no option timeout; there are host, port, security"],
    [{ timeouts: { connect: 1 } }, "there is no option timeouts.connect; there are connectMs"],
    [{ limits: { maxOctets: 1 } }, "there is no option limits.maxOctets"],
    [{ tls: { key: "k" } }, "there is no option tls.key"],
    [{ toString: 1 }, "there is no option toString"],
  ])("%j", async (given, message) => {
    expect((await refusal({ ...base, ...given })).message).toContain(message);
  });

  test("a key that is no text, without showing it", async () => {
    const clientCertificate = { certificate: "c", key: 123_456, passphrase: ["hunter2"] };
    const { message } = await refusal({ ...base, tls: { clientCertificate } });
    expect(message).toContain("tls.clientCertificate.key was given as number");
    expect(message).not.toMatch(/123456|hunter2/);
  });

  test.each([
    { rejectUnauthorized: false },
    { tls: { rejectUnauthorized: false } },
    { tls: { rejectUnauthorized: 0, ca: undefined } },
  ])("to trust anybody: %j", async (given) => {
    const { message } = await refusal({ ...base, security: "tls", ...given });
    expect(message).toMatch(/rejectUnauthorized was given as (?:false|0), but .* always verified/);
    expect(message).toMatch(/tls\.ca .*tls\.pinnedCertificates/);
  });
});

describe("connect takes", () => {
  test("no limit for a limit, what is not given for nothing, and Node's own default for verification", async () => {
    await using server = await serve();
    const given = {
      ...local(server),
      tls: { rejectUnauthorized: true, ca: undefined },
      timeouts: { connectMs: Infinity, idleMs: Infinity, silenceMs: Infinity, replyMs: undefined },
      limits: { listingOctets: Infinity, leastRate: 0, messageOctets: undefined },
      pipelining: undefined,
    };
    await using client = await connectBy(given);
    await client.login({ user: "u", password: "hunter2" });
    await client.noop();
  });
});

describe("a client refuses, and sends nothing,", () => {
  const call = (name: string, ...args: readonly unknown[]) => {
    return async (client: Pop3Client): Promise<unknown> => {
      const result: unknown = Reflect.apply(Reflect.get(client, name), client, args);
      return Symbol.asyncIterator in Object(result) ? all(result as AsyncIterable<unknown>) : result;
    };
  };
  test.each([
    ["login without credentials", call("login"), "login: credentials are"],
    [
      "credentials without a user",
      call("login", { password: "hunter2" }),
      "login: the user is no text (undefined)",
    ],
    ["an empty password", call("login", { user: "u", password: "" }), "login: the password is empty"],
    [
      "a password of two lines",
      call("login", { user: "u", password: "hunter2\r\n" }),
      "the password is no single line",
    ],
    [
      "a token that is no text",
      call("login", { user: "u", token: 7 }),
      "login: the token is no text (number)",
    ],
    [
      "a mechanism that there is not",
      call("login", { user: "u", password: "p" }, { mechanisms: ["NTLM"] }),
      "mechanisms was given as a list; allowed is a list of SCRAM-SHA-256-PLUS",
    ],
    [
      "a login option that there is not",
      call("login", { user: "u", password: "p" }, { mechanism: "PLAIN" }),
      "there is no option mechanism",
    ],
    ["a bound that is no number", call("retr", 1, { mostOctets: "1M" }), 'mostOctets was given as "1M"'],
    ["a bound of nothing", call("retr", 1, { mostOctets: 0 }), "mostOctets was given as 0"],
    ["a message number that is a text", call("retr", "1"), "not a message number"],
    ["lines that are no number", call("top", 1, "x"), "TOP"],
    [
      "a window that is no number",
      call("retrMany", [{ messageNumber: 1 }], { windowOctets: "1" }),
      'windowOctets was given as "1"',
    ],
    ["a window of nothing", call("listMany", [1], { windowCommands: 0 }), "windowCommands was given as 0"],
    [
      "a window of no number",
      call("topMany", [1], { windowCommands: Number.NaN }),
      "windowCommands was given as NaN",
    ],
    [
      "requests that are none",
      call("retrMany", 7),
      "requests was given as 7; allowed is something to iterate over",
    ],
    ["no requests", call("deleMany"), "requests was given as nothing"],
    [
      "listed octets that are no number",
      call("retrMany", [{ messageNumber: 1, listedOctets: "5" }]),
      'listedOctets was given as "5"',
    ],
    [
      "listed octets below nothing",
      call("retrMany", [{ messageNumber: 1, listedOctets: -5 }]),
      "listedOctets was given as -5",
    ],
    [
      "a bound of one message that is none",
      call("retrMany", [{ messageNumber: 1, mostOctets: Number.NaN }]),
      "mostOctets was given as NaN",
    ],
    ["a request without a number", call("retrMany", [{}]), "messageNumber was given as nothing"],
    ["a time that is a text", call("keepAlive", "1000"), "keepAlive"],
  ])("%s", async (_, exchange, message) => {
    await using server = await serve();
    await using client = await loggedIn(server);
    const before = server.lines.length;
    const error = await errorOf(exchange(client));
    expect(error).toMatchObject({ code: "POP3_INVALID_ARGUMENT", sessionUsable: true });
    expect(error.message).toContain(message);
    expect(error.message).not.toContain("hunter2");
    expect(server.lines.length).toBe(before);
    await client.noop();
  });
});

describe("an environment that switches Node's verification off", () => {
  const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  afterEach(() => {
    if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
  });

  test("does not switch that of a session off", async () => {
    const { makeCertificate } = await import("@mailonce/testkit");
    await using made = makeCertificate({ ca: "self" });
    const certificate = { cert: made.certificate, key: made.key };
    await using server = await serve({ certificate, implicitTls: true });
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    expect(await errorOf(connect(local(server, { security: "tls" })))).toMatchObject({
      code: "POP3_TLS_UNTRUSTED",
    });
  });
});
