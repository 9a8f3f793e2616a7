import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { InMemoryStore } from "@mailonce/core/memory";
import { type Certificate, makeCertificate, startPop3Server, temporaryFolder } from "@mailonce/testkit";
import { afterAll, describe, expect, it } from "vitest";
import { accountOf, accountUrl, parseAccountUrl } from "../../src/account/account-url.ts";
import { parseConfiguration } from "../../src/config/parse-configuration.ts";
import { accountOptions } from "../../src/run/account-options.ts";
import { fetchAccount } from "../../src/run/fetch-account.ts";
import { examined } from "../doctor/patient.ts";
import { ended, fetching } from "../run/odd-servers.ts";

const certificate = makeCertificate();
const names = ["mail.example.net", "pop.example.net"];
const elsewhere = makeCertificate({ names, ca: certificate });
const folder = temporaryFolder();
afterAll(async () => {
  for (const one of [elsewhere, certificate, folder]) await one[Symbol.asyncDispose]?.();
});
const tls = { ca: certificate.ca };
const outdated = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;

async function serverBy(security: "tls" | "stls", used: Certificate, versions = {}) {
  const server = await startPop3Server({ security, certificate: used, tls: versions });
  server.maildrop.deliver(Buffer.from("Received: by a\r\nSubject: one\r\n\r\n1\r\n"));
  return server;
}

describe("pop3:// to a port that waits for TLS", () => {
  it("says to write pop3s://, in a fetch and in the doctor, and soon", async () => {
    await using server = await serverBy("tls", certificate);
    const url = `pop3://alice@localhost:${server.port}`;
    const account = accountOf(parseAccountUrl(url));
    const timeouts = { silenceMs: 100 };
    const { report } = await ended(fetchAccount(fetching(server, { account, tls, timeouts })));
    expect(report).toMatchObject({ ending: "unavailable", error: { code: "tls-expected" } });
    expect(report.error?.message).toMatch(
      /localhost port \d+ does not greet, but speaks TLS .*write pop3s:\/\//,
    );
    const { on, ending } = await examined(url, { tls });
    expect(on("connection")).toMatch(/^bad connection: .*pop3s:\/\//);
    expect(ending).toBe("unavailable");
    // Nothing but handshakes.
    expect(server.sessions.flatMap(({ commands }) => commands)).toEqual([]);
  });
});

describe("a server whose TLS is out of date", () => {
  it.each(["tls", "stls"] as const)(
    "is told by its version, and let in where the account allows it (%s)",
    async (security) => {
      await using server = await serverBy(security, certificate, outdated);
      const url = `${security === "tls" ? "pop3s" : "pop3"}://alice@localhost:${server.port}`;
      const refused = await ended(
        fetchAccount(fetching(server, { account: accountOf(parseAccountUrl(url)), tls })),
      );
      expect(refused.report).toMatchObject({ ending: "unavailable", error: { code: "tls-failed" } });
      expect(refused.report.error?.message).toMatch(
        /it speaks TLSv1\.1 at most, which somebody on the way can break, and read password and mail.*\?minVersion=TLSv1/,
      );
      expect(server.sessions.some(({ loggedIn }) => loggedIn)).toBe(false);
      const { on } = await examined(url, { tls });
      expect(on("encryption")).toMatch(
        /^look encryption: the server speaks TLSv1\.1 .* out of date.*can break it/,
      );
      expect(on("connection")).toMatch(/^bad connection: .*TLSv1\.1 at most/);

      const account = accountOf(parseAccountUrl(`${url}?minVersion=TLSv1`));
      const allowed = await ended(fetchAccount(fetching(server, { account, tls })));
      expect(allowed.report).toMatchObject({ ending: "done", counts: { stored: 1 } });
      expect((await examined(`${url}?minVersion=TLSv1`, { tls })).on("encryption")).toMatch(/^look /);
    },
  );

  it("is let in by the accounts file", async () => {
    await using server = await serverBy("tls", certificate, outdated);
    const file = join(folder.path, "mailonce.yaml");
    writeFileSync(file, "");
    const text = (wish: string): string =>
      `accounts:\n  old:\n    url: pop3s://alice@localhost:${server.port}\n    ca: ${certificate.caFile}\n${wish}`;
    const report = async (wish: string) => {
      const [settings] = parseConfiguration(file, text(wish)).accounts;
      if (settings === undefined) throw new Error("no account");
      const options = await accountOptions(settings, { env: {}, askPassword: () => "secret" });
      const { spool, restart } = fetching(server);
      return (
        await ended(
          fetchAccount({ ...options, store: new InMemoryStore(), spool, ...(restart && { restart }) }),
        )
      ).report;
    };
    expect(await report("")).toMatchObject({ error: { code: "tls-failed" } });
    expect(await report("    tls: { minVersion: TLSv1.1 }\n")).toMatchObject({
      error: null,
      counts: { stored: 1 },
    });
    const weak = "    tls: { minVersion: TLSv1, ciphers: 'DEFAULT@SECLEVEL=0' }\n";
    expect(await report(weak)).toMatchObject({ error: null, counts: { stored: 1 } });
    for (const wrong of [
      "minVersion: SSLv3",
      "minVersion: 1.0",
      "ciphers: ''",
      "ciphers: 'a b'",
      "ciphers: FOO",
      "ciphers: 'FOO@SECLEVEL=0'",
      "verify: false",
    ])
      expect(() => parseConfiguration(file, text(`    tls: { ${wrong} }\n`))).toThrow();
    expect(() => parseConfiguration(file, text("    tls: { ciphers: FOO }\n"))).toThrow(
      expect.objectContaining({
        kind: "config",
        message: expect.stringMatching(/:\d+:\d+: .*tls\.ciphers.*no cipher is called FOO/),
      }),
    );
  });
});

describe("what a URL allows", () => {
  it.each([
    "pop3s://joe@mail.example.org?minVersion=TLSv1",
    "pop3://joe@mail.example.org?minVersion=TLSv1.1",
    "pop3s://joe@mail.example.org:1995?minVersion=TLSv1&ciphers=DEFAULT%40SECLEVEL%3D0",
    "pop3://joe@mail.example.org?ciphers=HIGH%3A!aNULL",
  ])("comes back as it was: %s", (url) => {
    expect(accountUrl(parseAccountUrl(url))).toBe(url);
  });

  it("may be written as OpenSSL does", () => {
    const url = "pop3s://joe@mail.example.org?ciphers=DEFAULT@SECLEVEL=0";
    expect(parseAccountUrl(url)).toMatchObject({
      user: "joe",
      host: "mail.example.org",
      allowed: { ciphers: "DEFAULT@SECLEVEL=0" },
    });
  });

  it.each([
    ["?minVersion=1.0", "none of TLSv1, TLSv1.1"],
    ["?minVersion=", "none of TLSv1"],
    ["?ciphers=", "no list"],
    ["?ciphers=a%0ab", "no list"],
    ["?ciphers=FOO", "no cipher is called FOO"],
    ["?ciphers=BAR:DEFAULT", "no cipher is called BAR"],
    ["?ciphers=HIGH:TLS_FOO:!aNULL", "no cipher is called TLS_FOO"],
    ["?ciphers=!ALL", "must leave some"],
    ["?ciphers=DEFAULT@SECLEVEL=9", "must leave some"],
    ["?minVersion=TLSv1&minVersion=TLSv1.3", "only query"],
    ["?minVersion=TLSv1&tls=none", "only query"],
    ["?minversion=TLSv1", "only query"],
    ["?minVersion", "only query"],
  ])("is refused where it makes no sense: %s", (query, why) => {
    expect(() => parseAccountUrl(`pop3://joe@mail.example.org${query}`)).toThrow(why);
  });
});

describe("a certificate of another name", () => {
  it("tells the names that it has", async () => {
    await using server = await serverBy("tls", elsewhere);
    const url = `pop3s://alice@localhost:${server.port}`;
    const account = accountOf(parseAccountUrl(url));
    const { report } = await ended(fetchAccount(fetching(server, { account, tls })));
    expect(report).toMatchObject({ ending: "denied", error: { code: "certificate-untrusted" } });
    expect(report.error?.message).toContain(
      "was made for another host name (it is for mail.example.net, pop.example.net): use such a name in the URL",
    );
    expect((await examined(url, { tls })).on("certificate")).toContain("mail.example.net, pop.example.net");
  });
});
