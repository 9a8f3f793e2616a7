import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDatabase } from "@mailonce/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { build, type Ended } from "./mailonce.ts";
import {
  type AccountWish,
  type OAuth2Servers,
  OAuth2User,
  promptIn,
  startBreakingLine,
  startOAuth2Servers,
} from "./oauth2-world.ts";
import { TerminalSession } from "./terminal-session.ts";

const MESSAGES = 60;

let servers: OAuth2Servers;
const outputs: Ended[] = [];

beforeAll(async () => {
  build();
  servers = await startOAuth2Servers(MESSAGES);
}, 180_000);
afterAll(() => servers?.[Symbol.asyncDispose]());

/** What was asked at the token endpoint while the work was done, except by devices that had to wait. */
async function asked(work: () => Promise<unknown>): Promise<readonly string[]> {
  const { tokenRequests } = servers.provider;
  const before = tokenRequests.length;
  await work();
  return tokenRequests.slice(before).map(({ grantType, error }) => error ?? grantType);
}

/** Keeps what was written, for the search for secrets. */
async function note(ended: Promise<Ended>): Promise<Ended> {
  const result = await ended;
  outputs.push(result);
  return result;
}

const last = (ended: Ended): Record<string, unknown> | undefined => ended.json.at(-1);

describe.each(["SQLite", "MariaDB"] as const)("OAuth 2 on %s", (kind) => {
  const user = (wish?: AccountWish): Promise<OAuth2User> => OAuth2User.create(servers, kind, wish);

  it("logs in by a code that is entered elsewhere, and fetches from then on without anybody's help", async () => {
    await using alice = await user();
    const running = alice.start(["login", "work"]);
    await running.shown("Ctrl-C gives up.");
    const code = /2\. enter (\S+)/.exec(running.text())?.[1] ?? "";
    const uri = /1\. open {2}(\S+)/.exec(running.text())?.[1] ?? "";
    await servers.provider.enterCode(uri, code, "alice");
    const ended = await note(running.ended);
    expect(ended.stdout).toContain("work is logged in. Now: mailonce check work\n");
    expect(ended.stderr).toMatch(/^mailonce: made \S+\/token\.key, a key to encrypt tokens with\./);
    expect(ended.code).toBe(0);

    const requests = await asked(async () => {
      for (const stored of [MESSAGES, 0]) {
        const fetched = await note(alice.run("fetch", "work", "--json", "--verbose"));
        expect(last(fetched)).toMatchObject({
          maildrop: "work",
          counts: { stored },
          exitCode: 0,
          error: null,
        });
      }
    });
    expect(requests).toEqual([]);
  });

  it("goes on with a fresh token where the old one expires while the line breaks in mid-run", async () => {
    await using line = await startBreakingLine(servers.dovecot.pop3sPort, 60_000, () =>
      servers.provider.expireAccessTokens(),
    );
    await using alice = await user({ port: line.port });
    expect((await note(alice.logIn())).code).toBe(0);
    const requests = await asked(async () => {
      const fetched = await note(alice.run("fetch", "work", "--json"));
      expect(last(fetched)).toMatchObject({ counts: { stored: MESSAGES }, exitCode: 0 });
      expect(JSON.stringify(last(fetched))).toContain("started again");
    });
    expect(requests).toEqual(["refresh_token"]);
  });

  it("exchanges a refresh token once where many processes find the access token refused", async () => {
    await using alice = await user();
    await note(alice.logIn());
    await note(alice.run("fetch", "work", "--json"));
    for (let round = 0; round < 2; round++) {
      servers.provider.expireAccessTokens();
      const requests = await asked(async () => {
        const all = await Promise.all(
          Array.from({ length: 3 }, () => note(alice.run("check", "work", "--json"))),
        );
        for (const ended of all)
          expect(last(ended)).toMatchObject({
            counts: { known: MESSAGES, new: 0 },
            exitCode: 0,
            error: null,
          });
      });
      // The provider revokes everything at the second use of a refresh token.
      expect(requests).toEqual(["refresh_token"]);
    }
  });

  it("asks for a new login once the old one is revoked, and asks nobody else again", async () => {
    await using alice = await user();
    await note(alice.logIn());
    servers.provider.revoke("alice");
    const logins = () => servers.dovecot.log().split("pop3-login:").length;
    const revoked = {
      exitCode: 77,
      error: { code: "grant-revoked", message: expect.stringContaining("run 'mailonce login work'") },
    };
    const requests = await asked(async () => {
      expect(last(await note(alice.run("fetch", "work", "--json")))).toMatchObject(revoked);
      const before = logins();
      for (let turn = 0; turn < 3; turn++)
        expect(last(await note(alice.run("fetch", "work", "--json")))).toMatchObject(revoked);
      expect(logins()).toBe(before);
    });
    expect(requests).toEqual(["invalid_grant"]);
    const inWords = await note(alice.run("fetch", "work"));
    expect(inWords.stderr).toMatch(
      /^mailonce: work: 127\.0\.0\.1:\d+ takes the login of work no longer: run/,
    );
    expect(inWords.code).toBe(77);

    expect((await note(alice.logIn())).code).toBe(0);
    expect((await note(alice.run("fetch", "work", "--json"))).code).toBe(0);
  });

  it("sends the token apart from AUTH, as Microsoft 365 wants it, and shows it nowhere", async () => {
    await using alice = await user({ profile: "microsoft365" });
    await note(alice.logIn());
    const checked = await note(alice.run("check", "work", "--json", "--verbose"));
    expect(last(checked)).toMatchObject({ exitCode: 0 });
    expect(checked.stderr).toMatch(/AUTH (?:XOAUTH2|OAUTHBEARER)$/m);
    servers.provider.expireAccessTokens();
    const again = await note(alice.run("check", "work", "--json", "--verbose"));
    expect(again.stderr.match(/AUTH (?:XOAUTH2|OAUTHBEARER)$/gm)).toHaveLength(2);
    expect(last(again)).toMatchObject({ exitCode: 0 });
  });

  it("sees an exchange through at Ctrl-C, for its answer has the only refresh token", async () => {
    await using alice = await user();
    await note(alice.logIn());
    servers.provider.expireAccessTokens();
    const running = alice.start(["fetch", "work", "--json"]);
    servers.provider.onTokenRequest = async () => {
      running.child.kill("SIGINT");
      await running.shown("Interrupted; Ctrl-C again ends at once.");
    };
    const requests = await asked(async () => {
      const interrupted = await note(running.ended);
      servers.provider.onTokenRequest = null;
      expect(last(interrupted)).toMatchObject({ exitCode: 130 });
      expect((await note(alice.run("fetch", "work", "--json"))).code).toBe(0);
    });
    expect(requests).toEqual(["refresh_token"]);
  });

  it("takes over from a process that was killed while it asked for a token", async () => {
    await using alice = await user();
    await note(alice.logIn());
    servers.provider.expireAccessTokens();
    const running = alice.start(["check", "work", "--json"]);
    servers.provider.fail(500);
    servers.provider.onTokenRequest = async () => {
      running.child.kill("SIGKILL");
      await running.ended;
      servers.provider.onTokenRequest = null;
    };
    await running.ended;
    servers.provider.fail(null);
    expect((await note(alice.run("fetch", "work", "--json"))).code).toBe(0);
  });

  it("logs out: the provider revokes the login, and a fetch asks for a new one", async () => {
    await using alice = await user();
    await note(alice.logIn());
    const out = await note(alice.run("logout", "work"));
    expect(out).toMatchObject({
      code: 0,
      stdout: "work is logged out; the provider has revoked the login.\n",
    });
    const fetched = await note(alice.run("fetch", "work", "--json"));
    expect(last(fetched)).toMatchObject({ exitCode: 78, error: { code: "login-needed" } });
    expect((await alice.run("logout", "work", "--json")).json).toEqual([
      { type: "logout", account: "work", revoked: false, exitCode: 0, error: null },
    ]);
  });

  it("keeps no token in the database that could be read there", async () => {
    await using alice = await user();
    await note(alice.logIn());
    const { secrets } = servers.provider;
    const content = kind === "SQLite" ? filesUnder(alice.user.home) : await dump(alice);
    expect(content.length).toBeGreaterThan(1000);
    for (const secret of secrets) expect(content.includes(secret)).toBe(false);
  });
});

/** All files in a folder, one after the other. */
function filesUnder(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

/** The table of tokens, as anybody with access to the database sees it. */
async function dump({ env }: OAuth2User): Promise<string> {
  await using store = await openDatabase(env["MAILONCE_DATABASE"] ?? "", {});
  const rows: { sealed: Buffer }[] = await store.dataSource.query("SELECT * FROM mailonce_oauth2_token");
  return rows.map((row) => JSON.stringify(row) + row.sealed.toString("latin1")).join("\n");
}

describe("mailonce login", () => {
  const user = (wish?: AccountWish): Promise<OAuth2User> => OAuth2User.create(servers, "SQLite", wish);

  it("by a browser: shows where to go, takes the answer on a port of this machine, and tells the browser", async () => {
    await using alice = await user();
    const running = alice.start(["login", "work", "--browser", "--json"]);
    await running.shown("login-prompt");
    const prompt = promptIn(running);
    expect(prompt).toMatchObject({ type: "login-prompt", account: "work", grant: "browser" });
    const url = new URL(String(prompt["url"]));
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      code_challenge_method: "S256",
      login_hint: "alice",
      redirect_uri: `http://127.0.0.1:${prompt["port"]}/`,
    });
    // Whoever else finds the port learns nothing and breaks nothing.
    for (const path of ["/", "/favicon.ico", "/?code=guess&state=guess", "/?error=access_denied"])
      expect((await fetch(`http://127.0.0.1:${prompt["port"]}${path}`)).status).toBe(404);
    const page = await servers.provider.visit(url.href, "alice");
    expect(page.text).toContain("You are logged in");
    const ended = await note(running.ended);
    expect(last(ended)).toEqual({
      type: "login",
      account: "work",
      expiresAt: null,
      exitCode: 0,
      error: null,
    });
    expect((await note(alice.run("fetch", "work", "--json"))).code).toBe(0);
  });

  it("is what check asks for where nobody has logged in yet; it makes no database", async () => {
    await using alice = await user();
    const checked = await note(alice.run("check", "work", "--json"));
    expect(last(checked)).toMatchObject({
      exitCode: 78,
      error: {
        code: "login-needed",
        message: "nobody has logged in for work yet: run 'mailonce login work'",
      },
    });
    expect(existsSync(alice.user.database)).toBe(false);
    expect(await note(alice.run("logout", "work"))).toMatchObject({
      code: 0,
      stdout: "work was not logged in.\n",
    });
  });

  it("tells a program on its command line what is wrong with it", async () => {
    await using alice = await user({ more: ["grant: browser"] });
    const both = await note(alice.run("login", "work", "--browser", "--device-code"));
    expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining("cannot be used with option") });
    const unknown = await note(alice.run("login", "home", "--json"));
    expect(last(unknown)).toMatchObject({ type: "login", exitCode: 2, error: { code: "unknown-account" } });
    const bare = await note(alice.run("login", "pop3s://bob@localhost"));
    expect(bare).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("has no account for bob@localhost: write one, with 'oauth2:'"),
    });
  });

  it("on a terminal takes the address at which a browser elsewhere ended", async () => {
    await using alice = await user();
    const terminal = new TerminalSession(alice.user, ["login", "work", "--browser"]);
    await terminal.shown("paste that page's address here");
    const url = /http:\S+code_challenge=\S+/.exec(terminal.output)?.[0] ?? "";
    const port = /to port (\d+)/.exec(terminal.output)?.[1];
    terminal.type("what is this?\n");
    await terminal.shown("that is not the address at which the browser ended");
    const page = await servers.provider.visit(url, "alice", `http://127.0.0.1:${port}`);
    expect(page.status).toBe(0);
    terminal.type(`${page.url}\n`);
    expect(await terminal.ended).toBe(0);
    expect(terminal.output).toContain("work is logged in.");
    expect((await note(alice.run("check", "work", "--json"))).code).toBe(0);
  });

  it("on a terminal shows a code, and ends at Ctrl-C", async () => {
    await using alice = await user();
    const terminal = new TerminalSession(alice.user, ["login", "work"]);
    await terminal.shown("Ctrl-C gives up.");
    expect(terminal.output).toMatch(/1\. open {2}\S*http\S+\/device/);
    terminal.type("\u0003");
    expect(await terminal.ended).toBe(130);
  });

  it("says who refused, if somebody says no", async () => {
    await using alice = await user();
    const denied = { exitCode: 77, error: { code: "login-denied" } };
    expect(last(await note(alice.logIn("nobody")))).toMatchObject(denied);
    const running = alice.start(["login", "work", "--browser", "--json"]);
    await running.shown("login-prompt");
    const page = await servers.provider.visit(String(promptIn(running)["url"]), "nobody");
    expect(page.text).toContain("That did not work");
    expect(last(await note(running.ended))).toMatchObject(denied);
  });

  it("gives up when the code has expired", async () => {
    await using quick = await startOAuth2Servers(1, { deviceCodeSeconds: 1 });
    await using alice = await OAuth2User.create(quick, "SQLite");
    const ended = await note(alice.run("login", "work", "--json"));
    expect(last(ended)).toMatchObject({ exitCode: 77, error: { code: "login-expired" } });
  });

  it.each([["--device-code"], ["--browser"]])("ends cleanly at Ctrl-C (%s)", async (way) => {
    await using alice = await user();
    const running = alice.start(["login", "work", way, "--json"]);
    await running.shown("login-prompt");
    running.child.kill("SIGINT");
    expect(last(await note(running.ended))).toMatchObject({ exitCode: 130, error: { code: "interrupted" } });
  });

  it("as an application needs nobody, and keeps nothing", async () => {
    const { clientId, clientSecret } = servers.provider.app;
    await using alice = await user({
      clientId,
      more: ["grant: client-credentials", "clientSecret:", "  env: APP_SECRET"],
    });
    alice.env["APP_SECRET"] = clientSecret;
    const requests = await asked(async () => {
      const ended = await note(alice.run("login", "work"));
      expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining("nothing to keep") });
      const fetched = await note(alice.run("fetch", "work", "--json"));
      expect(last(fetched)).toMatchObject({ counts: { stored: MESSAGES }, exitCode: 0 });
    });
    expect(requests).toEqual(["client_credentials", "client_credentials"]);

    alice.env["APP_SECRET"] = "wrong-client-secret";
    const refused = await note(alice.run("fetch", "work", "--json"));
    expect(last(refused)).toMatchObject({ exitCode: 78, error: { code: "oauth2-client" } });
    expect(refused.stdout + refused.stderr).not.toContain("wrong-client-secret");
  });
});

describe("the key for tokens", () => {
  const user = (): Promise<OAuth2User> => OAuth2User.create(servers, "SQLite");
  const keyFile = (alice: OAuth2User): string => join(alice.user.home, ".config/mailonce/token.key");
  const anotherKey = Buffer.alloc(32, 7).toString("base64");
  const keyError = (ended: Ended): unknown =>
    (last(ended)?.["error"] as { message: string } | undefined)?.message;

  it("is made by the first login, for its owner only, and by no other", async () => {
    await using alice = await user();
    await note(alice.logIn());
    expect(statSync(keyFile(alice)).mode & 0o777).toBe(0o600);
    const key = readFileSync(keyFile(alice), "utf8");
    await note(alice.logIn());
    expect(readFileSync(keyFile(alice), "utf8")).toBe(key);
    for (const { stdout, stderr } of outputs) expect(stdout + stderr).not.toContain(key.trim());
  });

  it("comes from MAILONCE_TOKEN_KEY, and then no file is made", async () => {
    await using alice = await user();
    alice.env["MAILONCE_TOKEN_KEY"] = anotherKey;
    await note(alice.logIn());
    expect(existsSync(keyFile(alice))).toBe(false);
    expect((await note(alice.run("fetch", "work", "--json"))).code).toBe(0);
  });

  it("that is another one, or missing, is told in one sentence", async () => {
    await using alice = await user();
    await note(alice.logIn());
    const key = readFileSync(keyFile(alice), "utf8");
    alice.env["MAILONCE_TOKEN_KEY"] = anotherKey;
    const other = await note(alice.run("fetch", "work", "--json"));
    expect(last(other)).toMatchObject({ exitCode: 78, error: { code: "token-key" } });
    expect(keyError(other)).toMatch(/^the token of work is encrypted under another key: /);

    // Both: the new one writes, the old one still reads.
    alice.env["MAILONCE_TOKEN_KEY"] = `${anotherKey} ${key}`;
    servers.provider.expireAccessTokens();
    expect((await note(alice.run("fetch", "work", "--json"))).code).toBe(0);
    alice.env["MAILONCE_TOKEN_KEY"] = anotherKey;
    expect((await note(alice.run("fetch", "work", "--json"))).code).toBe(0);

    writeFileSync(keyFile(alice), "no key at all");
    delete alice.env["MAILONCE_TOKEN_KEY"];
    expect(keyError(await note(alice.run("fetch", "work", "--json")))).toMatch(
      /token\.key is no key: it is 32/,
    );
    chmodSync(keyFile(alice), 0o644);
    expect(keyError(await note(alice.run("fetch", "work", "--json")))).toMatch(
      /^others can read the key file/,
    );
  });

  it("is not made anew where tokens are kept under one that is not here", async () => {
    await using alice = await user();
    alice.env["MAILONCE_TOKEN_KEY"] = anotherKey;
    await note(alice.logIn());
    delete alice.env["MAILONCE_TOKEN_KEY"];
    const ended = await note(alice.run("login", "work", "--json"));
    expect(last(ended)).toMatchObject({ exitCode: 78, error: { code: "token-key" } });
    expect(keyError(ended)).toContain("under a key that is not here");
    expect(existsSync(keyFile(alice))).toBe(false);
  });
});

describe("a provider in trouble", () => {
  const user = (wish?: AccountWish): Promise<OAuth2User> => OAuth2User.create(servers, "SQLite", wish);

  it.each([
    ["that nobody answers for", "http://127.0.0.1:1", 69, "oauth2-unreachable"],
    ["whose name is unknown", "https://nowhere.invalid", 69, "oauth2-unreachable"],
    ["that is none", "", 78, "oauth2-issuer"],
  ])("%s", async (_what, issuer, exitCode, code) => {
    await using alice = await user({ issuer: issuer || `${servers.provider.issuer}/nothing/here` });
    const ended = await note(alice.run("login", "work", "--json"));
    expect(last(ended)).toMatchObject({ exitCode, error: { code } });
  });

  it("for the moment: the run ends with 75, and the next one does better", async () => {
    await using alice = await user();
    await note(alice.logIn());
    servers.provider.expireAccessTokens();
    servers.provider.fail(503);
    const failed = await note(alice.run("fetch", "work", "--json"));
    servers.provider.fail(null);
    expect(last(failed)).toMatchObject({ exitCode: 75, error: { code: "oauth2-unavailable" } });
    expect((await note(alice.run("fetch", "work", "--json"))).code).toBe(0);
  });

  it("that does not know the client or the scopes", async () => {
    await using alice = await user({ clientId: "unknown" });
    const ended = await note(alice.run("login", "work", "--json"));
    expect(last(ended)).toMatchObject({ exitCode: 78, error: { code: "oauth2-client" } });
  });
});

it("no token, code, key or secret was in anything that was written", () => {
  const { secrets, app } = servers.provider;
  expect(secrets.length).toBeGreaterThan(20);
  const all = outputs.map(({ stdout, stderr }) => stdout + stderr).join("\n");
  for (const secret of [...secrets, app.clientSecret]) {
    expect(all).not.toContain(secret);
    // Nor as a part of what AUTH sends.
    for (const shift of ["", "x", "xx"]) {
      const coded = Buffer.from(`${shift}${secret}`).toString("base64").slice(4, 40);
      expect(all).not.toContain(coded);
    }
  }
});
