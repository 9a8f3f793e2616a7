import { describe, expect, test } from "vitest";
import { oauth2Settings } from "../../src/account/oauth2-presets.ts";
import type { OAuth2Settings } from "../../src/account/settings.ts";
import { AuthorizationServer } from "../../src/oauth2/authorization-server.ts";
import type { Grant } from "../../src/oauth2/grant.ts";
import {
  metadataOf,
  type ScriptedAnswer,
  type ScriptedProvider,
  startScriptedProvider,
} from "./scripted-provider.ts";

const SECRETS = ["cl1ent-s3cret-of-the-application", "r3fresh-t0ken-of-joe-which-is-long", "acc3ss-t0ken"];

const grant: Grant = {
  issuer: "",
  clientId: "mailonce",
  refreshToken: SECRETS[1] ?? "",
  accessToken: SECRETS[2] ?? "",
  expiresAt: null,
};

const settings = (issuer: string, changes: Partial<OAuth2Settings> = {}): OAuth2Settings => ({
  ...oauth2Settings({ issuer, clientId: "mailonce", scopes: [] }),
  ...changes,
});

const discover = ({ issuer }: Pick<ScriptedProvider, "issuer">, changes?: Partial<OAuth2Settings>) =>
  AuthorizationServer.discover({
    account: "work",
    settings: settings(issuer, changes),
    clientSecret: SECRETS[0] ?? null,
  });

/** A provider whose token endpoint answers this. */
const answering = (answer: ScriptedAnswer): Promise<ScriptedProvider> =>
  startScriptedProvider((path, _form, issuer) => (path === "/token" ? answer : { body: metadataOf(issuer) }));

async function failureOf(work: () => Promise<unknown>): Promise<Error & { code: string; kind: string }> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    const found = error as Error & { code: string; kind: string };
    // Whoever logs the error, and all that hangs on it, must not find a secret.
    for (let each: unknown = found; each instanceof Error; each = each.cause) {
      const all = `${each.stack} ${JSON.stringify(each, Object.getOwnPropertyNames(each))}`;
      for (const secret of SECRETS) expect(all).not.toContain(secret);
    }
    expect(found.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    return found;
  }
  throw new Error("it did not fail");
}

const error = (name: string, status = 400, description?: string): ScriptedAnswer => ({
  status,
  body: { error: name, ...(description === undefined ? {} : { error_description: description }) },
});

describe("what a provider answers to a refresh token", () => {
  test.each<[string, ScriptedAnswer, string, string, RegExp]>([
    [
      "the login is revoked",
      error("invalid_grant"),
      "denied",
      "grant-revoked",
      /takes the login of work no longer: run 'mailonce login work'$/,
    ],
    [
      "somebody must look at it",
      error("interaction_required"),
      "denied",
      "grant-revoked",
      /run 'mailonce login work'/,
    ],
    [
      "the client is unknown",
      error("invalid_client", 401),
      "config",
      "oauth2-client",
      /check client id and client secret$/,
    ],
    [
      "the client is not let in, by a status",
      { status: 401, headers: { "www-authenticate": "Basic" } },
      "config",
      "oauth2-client",
      /client secret$/,
    ],
    [
      "the client may not do that",
      error("unauthorized_client"),
      "config",
      "oauth2-client",
      /check its registration there$/,
    ],
    ["no such scope", error("invalid_scope"), "config", "oauth2-scope", /does not give these scopes$/],
    ["no such grant", error("unsupported_grant_type"), "config", "oauth2-grant", /choose another grant$/],
    ["something new", error("new_error"), "config", "oauth2-refused", /refuses: new_error$/],
    ["something odd", error("a\u001b[31m\nb"), "config", "oauth2-refused", /refuses \(HTTP 400\)$/],
    ["later", error("temporarily_unavailable", 503), "busy", "oauth2-unavailable", /try again later$/],
    ["too many requests", { status: 429 }, "busy", "oauth2-unavailable", /try again later$/],
    [
      "a fault of its own",
      { status: 502, body: "<html>Bad gateway</html>", headers: { "content-type": "text/html" } },
      "busy",
      "oauth2-unavailable",
      /try again later$/,
    ],
    [
      "nothing, and hangs up",
      { drop: true },
      "unavailable",
      "oauth2-unreachable",
      /cannot be reached for a token/,
    ],
    [
      "a page",
      { body: "<html>Log in</html>", headers: { "content-type": "text/html" } },
      "unavailable",
      "oauth2-nonsense",
      /does not answer as an OAuth 2 provider must/,
    ],
    [
      "no JSON",
      { body: "{" },
      "unavailable",
      "oauth2-nonsense",
      /does not answer as an OAuth 2 provider must/,
    ],
    [
      "no token",
      { body: { token_type: "Bearer" } },
      "unavailable",
      "oauth2-nonsense",
      /does not answer as an OAuth 2 provider must/,
    ],
    [
      "a token with a line end",
      { body: { token_type: "Bearer", access_token: `${SECRETS[2]}\r\nDELE 1` } },
      "unavailable",
      "oauth2-nonsense",
      /does not answer/,
    ],
    [
      "a token of another kind",
      { body: { token_type: "mac", access_token: SECRETS[2] } },
      "unavailable",
      "oauth2-nonsense",
      /does not answer/,
    ],
    [
      "more than anybody needs",
      { body: { token_type: "Bearer", access_token: "x".repeat(2_000_000) } },
      "unavailable",
      "oauth2-nonsense",
      /does not answer/,
    ],
    [
      "what it was told, in its words",
      error(
        "invalid_grant",
        400,
        `AADSTS70043: the token ${SECRETS[1]} of ${SECRETS[0]} has expired\r\nTrace`,
      ),
      "denied",
      "grant-revoked",
      /\(it says: AADSTS70043: the token \*\*\* of \*\*\* has expired Trace\)$/,
    ],
  ])("%s", async (_what, answer, kind, code, message) => {
    await using provider = await answering(answer);
    const server = await discover(provider);
    const failure = await failureOf(() => server.refresh(grant));
    expect(failure).toMatchObject({ kind, code, message: expect.stringMatching(message) });
    expect(failure.message).toContain(new URL(provider.issuer).host);
  });

  test("a new access token without a refresh token: the old one stays", async () => {
    await using provider = await answering({
      body: { token_type: "bearer", access_token: "new", expires_in: 3600 },
    });
    const server = await discover(provider);
    expect(await server.refresh(grant)).toMatchObject({
      accessToken: "new",
      refreshToken: grant.refreshToken,
    });
  });

  test("no expiry: it is good until it is refused", async () => {
    await using provider = await answering({ body: { token_type: "bearer", access_token: "new" } });
    expect(await (await discover(provider)).refresh(grant)).toMatchObject({ expiresAt: null });
  });

  test("there is no refresh token: only a new login helps", async () => {
    await using provider = await answering({});
    const server = await discover(provider);
    const failure = await failureOf(() => server.refresh({ ...grant, refreshToken: null }));
    expect(failure).toMatchObject({ kind: "denied", code: "login-needed" });
    expect(provider.requests).toEqual(["GET /.well-known/openid-configuration"]);
  });
});

describe("an issuer", () => {
  test("publishes OpenID Connect Discovery, or else what RFC 8414 asks for", async () => {
    await using provider = await startScriptedProvider((path, _form, issuer) =>
      path === "/.well-known/oauth-authorization-server"
        ? { body: metadataOf(issuer) }
        : path === "/token"
          ? { body: { token_type: "bearer", access_token: "new" } }
          : { status: 404, body: "no such page", headers: { "content-type": "text/plain" } },
    );
    const server = await discover(provider);
    expect(await server.refresh(grant)).toMatchObject({ accessToken: "new" });
    expect(provider.requests).toEqual([
      "GET /.well-known/openid-configuration",
      "GET /.well-known/oauth-authorization-server",
      "POST /token",
    ]);
  });

  test.each<[string, (issuer: string) => ScriptedAnswer, string, string]>([
    ["that publishes nothing", () => ({ status: 404 }), "config", "oauth2-issuer"],
    [
      "whose metadata are another's",
      () => ({ body: metadataOf("https://other.example.org") }),
      "config",
      "oauth2-issuer",
    ],
    ["that is down", () => ({ status: 503 }), "busy", "oauth2-unavailable"],
    [
      "that is a web page",
      () => ({ body: "<html>", headers: { "content-type": "text/html" } }),
      "unavailable",
      "oauth2-nonsense",
    ],
    [
      "that sends elsewhere",
      () => ({ status: 302, headers: { location: "http://evil.example.org/" } }),
      "unavailable",
      "oauth2-nonsense",
    ],
  ])("%s", async (_what, answer, kind, code) => {
    await using provider = await startScriptedProvider((_path, _form, issuer) => answer(issuer));
    expect(await failureOf(() => discover(provider))).toMatchObject({ kind, code });
  });

  test("that offers no device code says so before anybody is asked to do anything", async () => {
    await using provider = await startScriptedProvider((_path, _form, issuer) => {
      const { device_authorization_endpoint: _none, ...rest } = metadataOf(issuer);
      return { body: rest };
    });
    const server = await discover(provider);
    const failure = await failureOf(() =>
      server.try((client, configuration) => client.initiateDeviceAuthorization(configuration, {})),
    );
    expect(failure).toMatchObject({ kind: "config", code: "oauth2-grant" });
  });

  test.each([
    ["http://login.example.org", /is no https URL/],
    ["https://joe:secret@login.example.org", /neither user nor query/],
    ["ftp://login.example.org", /is no https URL/],
    ["login.example.org", /is no URL/],
    ["", /is missing/],
  ])("written as %j is refused before anything is sent", async (issuer, message) => {
    const failure = await failureOf(() => discover({ issuer }));
    expect(failure).toMatchObject({
      kind: "config",
      code: "oauth2-settings",
      message: expect.stringMatching(message),
    });
    expect(failure.message).not.toContain("secret@");
  });

  test("that names endpoints in the clear is not used", async () => {
    // http is for this machine only, also where the issuer is on it.
    await using provider = await startScriptedProvider((_path, _form, issuer) => ({
      body: { ...metadataOf(issuer), token_endpoint: "http://login.example.org/token" },
    }));
    const server = await discover(provider);
    expect(await failureOf(() => server.refresh(grant))).toMatchObject({
      kind: "config",
      code: "oauth2-issuer",
    });
  });
});
