import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { temporaryFolder } from "@mailonce/testkit";
import { describe, expect, it } from "vitest";
import type { Configuration } from "../../src/account/settings.ts";
import { ConfigurationError } from "../../src/config/configuration-error.ts";
import { findConfiguration, readConfigurationFile } from "../../src/config/configuration-file.ts";
import { bareAccount } from "../../src/config/defaults.ts";
import { databaseUrl } from "../../src/store/database.ts";
import { configurationDirectory } from "../../src/system/user-folders.ts";

async function read(text: string, name = "mailonce.yaml"): Promise<Configuration> {
  await using folder = temporaryFolder();
  const file = join(folder.path, name);
  writeFileSync(file, text, { mode: 0o600 });
  const configuration = await readConfigurationFile(file);
  // The folder is another each time.
  return JSON.parse(JSON.stringify(configuration).replaceAll(folder.path, "/conf"));
}

describe("an accounts file", () => {
  it("needs no more than a name and a URL: the rest is as for a bare URL", async () => {
    const { accounts, ...general } = await read(
      "accounts:\n  work:\n    url: pop3s://joe@mail.example.org\n",
    );
    expect(general).toEqual({
      file: "/conf/mailonce.yaml",
      database: null,
      tokenKey: null,
      concurrency: 4,
      content: { text: true, html: false, attachments: "metadata" },
      worker: { queue: null, listen: null, perHost: 4, shutdownMs: 30_000, keepDeliveredMs: 14 * 86_400_000 },
    });
    const address = { user: "joe", host: "mail.example.org", port: 995, tls: "implicit" } as const;
    expect(accounts).toEqual([{ ...bareAccount({ ...address, maildrop: "work" }), name: "work" }]);
  });

  it("says what is made of what is in the mail, or that nothing is", async () => {
    const accounts = "accounts: { work: { url: pop3s://joe@mail.example.org } }";
    const some = await read(`content: { html: true }\n${accounts}`);
    expect(some.content).toEqual({ text: true, html: true, attachments: "metadata" });
    const stored = await read(`content: { attachments: stored }\n${accounts}`);
    expect(stored.content).toEqual({ text: true, html: false, attachments: "stored" });
    await expect(read(`content: { attachments: all }\n${accounts}`)).rejects.toThrow(ConfigurationError);
    expect((await read(`content: none\n${accounts}`)).content).toBeNull();
    await expect(read(`content: { html: all }\n${accounts}`)).rejects.toThrow(ConfigurationError);
  });

  it("takes an account's field in the place of that of the defaults; none takes it away", async () => {
    const { accounts } = await read(`
      defaults: { limit: 10, maxOctets: 1M, timeouts: { reply: 1m }, schedule: 5m, proxy: "socks5://p" }
      accounts:
        a: { url: pop3s://a@x.example }
        b: { url: pop3s://b@x.example, limit: none, maxOctets: 2k, timeouts: { idle: 1s }, schedule: never, proxy: none }`);
    expect(accounts).toMatchObject([
      {
        limit: 10,
        maxOctets: 1_048_576,
        timeouts: { replyMs: 60_000 },
        schedule: { kind: "interval", ms: 300_000 },
        proxy: "socks5://p",
      },
      { maxOctets: 2048, timeouts: { idleMs: 1000 } },
    ]);
    for (const field of ["limit", "schedule", "proxy"]) expect(accounts[1]).not.toHaveProperty(field);
    expect(accounts[1]?.timeouts).not.toHaveProperty("replyMs");
  });

  it("lets an account log in otherwise than the defaults say", async () => {
    const { accounts } = await read(`
      defaults: { oauth2: { provider: microsoft365, clientId: abc } }
      accounts:
        a: { url: pop3s://a@x.example }
        b: { url: pop3s://b@x.example, password: { env: B } }`);
    expect(accounts.map(({ login }) => login)).toMatchObject([
      { kind: "oauth2", oauth2: { grant: "device-code", clientId: "abc", clientSecret: null } },
      { kind: "password", source: { kind: "env", name: "B" } },
    ]);
  });

  it("reads paths from its own folder", async () => {
    const { database, tokenKey, accounts } = await read(`
      database: sqlite:mail/all%20of%20it.sqlite
      tokenKey: { file: keys/token }
      accounts:
        a: { url: pop3s://a@x.example, ca: ca.pem, password: { file: /run/secrets/a } }`);
    expect(database).toBe("sqlite:/conf/mail/all%20of%20it.sqlite");
    expect(tokenKey).toEqual({ kind: "file", path: "/conf/keys/token" });
    expect(accounts[0]).toMatchObject({
      caFile: "/conf/ca.pem",
      login: { source: { path: "/run/secrets/a" } },
    });
  });

  it("takes ~ for the user's home", async () => {
    const { database, accounts } = await read(`
      database: sqlite:~/mail.sqlite
      accounts: { a: { url: pop3s://a@x.example, ca: ~/ca.pem } }`);
    expect(database).toBe(`sqlite:${homedir()}/mail.sqlite`);
    expect(accounts[0]?.caFile).toBe(`${homedir()}/ca.pem`);
  });

  it("is JSON as well", async () => {
    const text = '{\n\t"accounts": {\n\t\t"a": { "url": "pop3s://a@x.example", "limit": 3 }\n\t}\n}\n';
    expect((await read(text, "mailonce.json")).accounts).toMatchObject([{ name: "a", limit: 3 }]);
  });

  it("may use anchors and merge keys; errors behind them have their place all the same", async () => {
    const text = `
defaults: &all { limit: 5 }
accounts:
  a: &a { url: pop3s://a@x.example, maildrop: one }
  b: { <<: *a, maildrop: two, where: "subject:x" }
`;
    expect((await read(text)).accounts).toMatchObject([
      { limit: 5 },
      { limit: 5, account: { maildrop: "two" } },
    ]);
    const wrong = await read(text.replace("limit: 5", "limit: 0")).catch((error: unknown) => error);
    expect(wrong).toMatchObject({ problems: [{ line: 2, column: 25, field: "defaults.limit" }] });
  });

  it("that blows up by aliases is refused", async () => {
    const rows = Array.from(
      { length: 9 },
      (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(", ")}]`,
    );
    const error = await read(`a0: &a0 [x]\n${rows.join("\n")}\naccounts: {}\n`).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toContain("anchors and aliases make this file too large");
  });

  it("cannot have an account that is called __proto__: it would be passed over", async () => {
    const error = await read(
      "accounts:\n  a: { url: pop3s://a@b }\n  __proto__: { url: pop3s://a@b }\n",
    ).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toContain(":3:3: this name is not allowed");
  });

  it("is read from a device or a pipe, too, but not without end", async () => {
    await expect(readConfigurationFile("/dev/zero")).rejects.toThrow(
      "too large for an accounts file (4 MiB)",
    );
  });

  it("has hooks of every kind, a cron expression with its time zone, pins and a worker", async () => {
    const pin = "ab".repeat(32);
    const { accounts, worker } = await read(`
      worker: { queue: "redis://localhost", listen: "[::1]:9090", perHost: 2, shutdown: 1m, keepDelivered: 90d }
      accounts:
        a:
          url: pop3s://a@x.example
          schedule: { cron: "0 7 * * 1-5", timeZone: Europe/Berlin }
          pins: { certificate: ${pin}, publicKey: [${pin}] }
          hooks:
            web: { webhook: "https://x.example/new", secret: { env: S } }
            run: { exec: [/bin/true, --now], timeout: 5s, include: [parts, text], includeOctets: 64k }
            pass: { queue: mail, url: "redis://localhost", include: [html] }`);
    expect(worker).toEqual({
      queue: "redis://localhost",
      listen: { host: "::1", port: 9090 },
      perHost: 2,
      shutdownMs: 60_000,
      keepDeliveredMs: 90 * 86_400_000,
    });
    expect(accounts[0]).toMatchObject({
      schedule: { kind: "cron", expression: "0 7 * * 1-5", timeZone: "Europe/Berlin" },
      pinnedCertificates: [pin],
      pinnedPublicKeys: [pin],
      hooks: [
        { kind: "webhook", name: "web", secret: { kind: "env", name: "S" }, timeoutMs: 30_000 },
        {
          ...{ kind: "exec", name: "run", command: ["/bin/true", "--now"], timeoutMs: 5000 },
          include: { what: ["text", "parts"], octets: 65_536 },
        },
        {
          ...{ kind: "queue", name: "pass", queue: "mail", url: "redis://localhost" },
          include: { what: ["html"], octets: 262_144 },
        },
      ],
    });
    expect(accounts[0]?.hooks[0]).not.toHaveProperty("include");
  });

  it.each([
    ["include: [text, part]", "did you mean parts"],
    ["include: []", "must be a list of text, html, parts"],
    ["include: text", "must be a list of text, html, parts"],
    ["include: [text], includeOctets: 1M", "must be 512k or less"],
    ["include: [text], includeOctets: much", "must be a whole number from 1"],
    ["includeOctets: 1k", "includeOctets belongs to include"],
  ])("tells what is wrong with what a hook is to be told: %s", async (fields, words) => {
    const hook = `{ webhook: "https://x.example/new", ${fields} }`;
    await expect(
      read(`accounts: { a: { url: pop3s://a@x.example, hooks: { web: ${hook} } } }`),
    ).rejects.toThrow(words);
  });
});

describe("the accounts file is looked for", () => {
  it("by name, then where one works, then in the user's configuration directory", async () => {
    await using folder = temporaryFolder();
    const home = join(folder.path, "home");
    const here = join(folder.path, "here");
    const env = { HOME: home, XDG_CONFIG_HOME: join(home, ".config") };
    mkdirSync(join(home, ".config/mailonce"), { recursive: true });
    mkdirSync(here);
    expect(await findConfiguration({ env, cwd: here })).toBeNull();
    const own = join(home, ".config/mailonce/mailonce.json");
    writeFileSync(own, "{}");
    expect(await findConfiguration({ env, cwd: here })).toBe(own);
    writeFileSync(join(here, "mailonce.yml"), "");
    expect(await findConfiguration({ env, cwd: here })).toBe(join(here, "mailonce.yml"));
    writeFileSync(join(here, "mailonce.yaml"), "");
    expect(await findConfiguration({ env, cwd: here })).toBe(join(here, "mailonce.yaml"));
    expect(await findConfiguration({ env: { ...env, MAILONCE_CONFIG: "a" }, cwd: here })).toBe(
      join(here, "a"),
    );
    const named = { env: { ...env, MAILONCE_CONFIG: "a" }, given: "/b", cwd: here };
    expect(await findConfiguration(named)).toBe("/b");
  });

  it("and is not taken from a folder where everybody could have put it, unless it is named", async () => {
    await using folder = temporaryFolder();
    const file = join(folder.path, "mailonce.yaml");
    writeFileSync(file, "accounts: { a: { url: pop3s://a@b } }");
    chmodSync(file, 0o666);
    const places = { env: { HOME: "/nowhere" }, cwd: folder.path };
    await expect(findConfiguration(places)).rejects.toThrow("can be changed by everybody");
    expect(await findConfiguration({ ...places, given: "mailonce.yaml" })).toBe(file);
  });

  it.each([
    ["linux", { HOME: "/home/joe" }, "/home/joe/.config/mailonce"],
    ["linux", { HOME: "/home/joe", XDG_CONFIG_HOME: "/xdg" }, "/xdg/mailonce"],
    ["linux", { HOME: "/home/joe", XDG_CONFIG_HOME: "relative" }, "/home/joe/.config/mailonce"],
    ["darwin", { HOME: "/Users/joe" }, "/Users/joe/Library/Application Support/mailonce"],
    ["win32", { APPDATA: "C:\\Users\\joe\\AppData\\Roaming" }, "C:\\Users\\joe\\AppData\\Roaming\\mailonce"],
  ] as const)("on %s with %j in %s", (platform, env, directory) => {
    expect(configurationDirectory(env, platform)).toBe(directory);
  });
});

it("the database is the given one, else the environment's, else the file's, else the default", () => {
  const env = { HOME: "/home/joe", MAILONCE_DATABASE: "sqlite:/env" };
  const file = { database: "sqlite:/file" };
  expect(databaseUrl(env, "sqlite:/given", file)).toBe("sqlite:/given");
  expect(databaseUrl(env, undefined, file)).toBe("sqlite:/env");
  expect(databaseUrl({ HOME: "/home/joe" }, undefined, file)).toBe("sqlite:/file");
  expect(databaseUrl({ HOME: "/home/joe" }, undefined, { database: null })).toMatch(/^sqlite:\/home\/joe\//);
});
