import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { oauth2Problem, oauth2Settings } from "../../src/account/oauth2-presets.ts";
import type { OAuth2Settings } from "../../src/account/settings.ts";
import { AuthorizationServer } from "../../src/oauth2/authorization-server.ts";
import { type BrowserPrompt, logInByBrowser } from "../../src/oauth2/browser-login.ts";
import { metadataOf, startScriptedProvider } from "./scripted-provider.ts";

/** What a browser is sent to, for settings whose provider is on this machine. */
async function addressFor(changes: Partial<OAuth2Settings>): Promise<URL> {
  await using provider = await startScriptedProvider((_path, _form, issuer) => ({
    body: metadataOf(issuer),
  }));
  const settings = {
    ...oauth2Settings({ issuer: provider.issuer, clientId: "c1", ...changes }),
    issuer: provider.issuer,
  };
  const server = await AuthorizationServer.discover({ account: "work", settings, clientSecret: null });
  const leave = new AbortController();
  let prompt: BrowserPrompt | null = null;
  await expect(
    logInByBrowser(server, {
      user: "joe@example.org",
      onPrompt: (shown) => {
        prompt = shown;
        leave.abort(new Error("seen enough"));
      },
      signal: leave.signal,
    }),
  ).rejects.toThrow("seen enough");
  return new URL((prompt as unknown as BrowserPrompt).url);
}

describe("a browser is sent", () => {
  test("to Google with what it takes to get a refresh token", async () => {
    const { searchParams } = await addressFor({ provider: "google" });
    expect(Object.fromEntries(searchParams)).toMatchObject({
      scope: "https://mail.google.com/",
      access_type: "offline",
      prompt: "consent",
      login_hint: "joe@example.org",
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/),
    });
  });

  test("to Microsoft with a redirect that its forms let people register", async () => {
    const { searchParams } = await addressFor({ provider: "microsoft365", grant: "browser" });
    expect(Object.fromEntries(searchParams)).toMatchObject({
      scope: "https://outlook.office.com/POP.AccessAsUser.All offline_access",
      prompt: "select_account",
      redirect_uri: expect.stringMatching(/^http:\/\/localhost:\d+\/$/),
    });
  });

  test("to anybody else with consent asked for, where it asks for offline access", async () => {
    const { searchParams } = await addressFor({ grant: "browser" });
    expect(Object.fromEntries(searchParams)).toMatchObject({ scope: "offline_access", prompt: "consent" });
    const plain = await addressFor({ grant: "browser", scopes: ["mail"] });
    expect(plain.searchParams.has("prompt")).toBe(false);
  });

  test("with a secret of its own each time, of which only a digest is shown", async () => {
    const [one, other] = [await addressFor({ grant: "browser" }), await addressFor({ grant: "browser" })];
    for (const name of ["state", "code_challenge"]) {
      expect(one.searchParams.get(name)).toMatch(/^[\w-]{43}$/);
      expect(one.searchParams.get(name)).not.toBe(other.searchParams.get(name));
    }
    expect(one.searchParams.get("code_challenge_method")).toBe("S256");
  });
});

test("nobody comes back: the login ends with its time", async () => {
  await using provider = await startScriptedProvider((_path, _form, issuer) => ({
    body: metadataOf(issuer),
  }));
  const settings = oauth2Settings({ issuer: provider.issuer, clientId: "c1", grant: "browser" });
  const server = await AuthorizationServer.discover({ account: "work", settings, clientSecret: null });
  await expect(
    logInByBrowser(server, { user: "joe", onPrompt: () => {}, timeoutMs: 1 }),
  ).rejects.toMatchObject({
    code: "login-expired",
    kind: "denied",
  });
});

test("a port that is taken is told", async () => {
  await using provider = await startScriptedProvider((_path, _form, issuer) => ({
    body: metadataOf(issuer),
  }));
  const settings = oauth2Settings({ issuer: provider.issuer, clientId: "c1", grant: "browser" });
  const server = await AuthorizationServer.discover({ account: "work", settings, clientSecret: null });
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as { port: number };
  await expect(logInByBrowser(server, { user: "joe", onPrompt: () => {}, port })).rejects.toMatchObject({
    code: "port-taken",
    message: expect.stringContaining(`port ${port}`),
  });
  taken.close();
});

describe("settings", () => {
  test.each<[string, Partial<OAuth2Settings>, RegExp | null]>([
    ["Google", { provider: "google" }, null],
    [
      "Google by device code",
      { provider: "google", grant: "device-code" },
      /^google gives no access to mail by device-code: use browser$/,
    ],
    ["Microsoft 365", { provider: "microsoft365" }, null],
    [
      "Microsoft 365 as an application",
      { provider: "microsoft365", grant: "client-credentials", clientSecret: { kind: "env", name: "S" } },
      /need the tenant's own issuer/,
    ],
    [
      "Microsoft 365 as an application of a tenant",
      {
        provider: "microsoft365",
        grant: "client-credentials",
        clientSecret: { kind: "env", name: "S" },
        issuer: "https://login.microsoftonline.com/example.org/v2.0",
      },
      null,
    ],
    [
      "an application without a secret",
      { issuer: "https://login.example.org", grant: "client-credentials" },
      /need a client secret/,
    ],
    ["no issuer", {}, /^the issuer is missing/],
    ["no client", { issuer: "https://login.example.org", clientId: "" }, /^the client id is missing/],
  ])("%s", (_what, wish, problem) => {
    const found = oauth2Problem(oauth2Settings({ clientId: "c1", ...wish }));
    if (problem === null) expect(found).toBeNull();
    else expect(found).toMatch(problem);
  });

  test("of Microsoft 365 as an application ask for all that was granted to it", () => {
    const { scopes } = oauth2Settings({
      provider: "microsoft365",
      grant: "client-credentials",
      clientId: "c1",
    });
    expect(scopes).toEqual(["https://outlook.office365.com/.default"]);
  });
});
