import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Dovecot,
  type Introspection,
  sampleMail,
  startDovecot,
  startIntrospection,
  temporaryFolder,
} from "@mailonce/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Credentials,
  connect,
  type Mechanism,
  type Pop3Client,
  type Pop3Options,
} from "../src/index.ts";
import { errorOf, textOf } from "./client.ts";

const folder = temporaryFolder("mailonce-oauth-");
const mails = sampleMail(3, 1);
let introspection: Introspection;
let dovecot: Dovecot;

beforeAll(async () => {
  introspection = await startIntrospection(
    new Map([
      ["t0ken", "alice"],
      ["x".repeat(1500), "alice"],
    ]),
  );
  const file = join(folder.path, "oauth2.conf");
  writeFileSync(
    file,
    `introspection_mode = post\nintrospection_url = ${introspection.url}\nusername_attribute = username\nactive_attribute = active\nactive_value = true\n`,
  );
  // Dovecot's auth process reads it as its own user.
  chmodSync(folder.path, 0o755);
  const settings = `
auth_username_chars =
auth_mechanisms = plain login cram-md5 apop scram-sha-1 scram-sha-256 xoauth2 oauthbearer
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = ${file}
}
`;
  dovecot = await startDovecot({ users: ["alice", "josé"], settings });
  await dovecot.deliver("alice", mails);
});
afterAll(async () => {
  await dovecot?.stop();
  await introspection?.[Symbol.asyncDispose]();
  await folder.remove();
});

const open = (security: Pop3Options["security"]): Promise<Pop3Client> =>
  connect({
    host: "127.0.0.1",
    security,
    port: security === "tls" ? dovecot.pop3sPort : dovecot.pop3Port,
    tls: { ca: readFileSync(dovecot.caFile, "utf8") },
  });

const password = { user: "alice", password: "secret" };
const token = { user: "alice", token: "t0ken" };
const ways: [Mechanism, Credentials][] = [
  ...(["USER", "APOP", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"] as const).map(
    (name): [Mechanism, Credentials] => [name, password],
  ),
  ["XOAUTH2", token],
  ["OAUTHBEARER", token],
];
const securities = ["plain", "stls", "tls"] as const;

describe.each(securities)("Dovecot (%s)", (security) => {
  test.each(ways)("takes %s", async (name, credentials) => {
    await using client = await open(security);
    await client.login(credentials, { mechanisms: [name] });
    expect(client.mechanism).toBe(name);
    const { content } = await client.retr(1);
    expect(await textOf(content)).toBe(Buffer.from(mails[0] ?? "").toString("latin1"));
    await client.quit();
  });

  test.each(ways.filter(([name]) => name !== "USER" && name !== "APOP"))(
    "takes %s without an initial response",
    async (name, credentials) => {
      await using client = await open(security);
      await client.login(credentials, { mechanisms: [name], initialResponse: false });
      await client.noop();
    },
  );
});

describe("Dovecot", () => {
  test.each(ways)(
    "refuses a wrong secret by %s with [AUTH], and takes the right one next",
    async (name, right) => {
      await using client = await open("tls");
      const wrong = "token" in right ? { ...right, token: "stale" } : { ...right, password: "wrong" };
      const error = await errorOf(client.login(wrong, { mechanisms: [name] }));
      expect(error).toMatchObject({ code: "POP3_LOGIN_REFUSED", responseCode: "AUTH", sessionUsable: true });
      await client.login(right, { mechanisms: [name] });
    },
  );

  test("is logged in to by SCRAM-SHA-256 where nothing is named, and by OAUTHBEARER with a token", async () => {
    for (const security of securities) {
      await using client = await open(security);
      await client.login(password);
      expect(client.mechanism).toBe("SCRAM-SHA-256");
    }
    await using client = await open("tls");
    await client.login(token);
    expect(client.mechanism).toBe("OAUTHBEARER");
  });

  test("takes a name that is not ASCII", async () => {
    for (const mechanism of ["SCRAM-SHA-256", "PLAIN"] as const) {
      await using client = await open("tls");
      await client.login({ user: "josé", password: "secret" }, { mechanisms: [mechanism] });
    }
  });

  test.each(["XOAUTH2", "OAUTHBEARER"] as const)("takes a token of 1,500 octets by %s", async (name) => {
    await using client = await open("tls");
    await client.login({ user: "alice", token: "x".repeat(1500) }, { mechanisms: [name] });
    expect(introspection.asked.at(-1)).toHaveLength(1500);
  });

  test.each(["XOAUTH2", "OAUTHBEARER"] as const)(
    "tells why a token is refused, and takes a new one (%s)",
    async (name) => {
      await using client = await open("stls");
      const challenges: (string | null)[] = [];
      await client.login(
        async (refused) => {
          if (refused !== null) challenges.push(refused.challenge);
          return refused === null ? { user: "alice", token: "stale" } : token;
        },
        { mechanisms: [name] },
      );
      expect(challenges).toHaveLength(1);
      expect(JSON.parse(challenges[0] ?? "")).toMatchObject({ status: expect.any(String) });
    },
  );
});
