import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OAuthProvider, startOAuthProvider } from "../src/index.ts";

let provider: OAuthProvider;
beforeAll(async () => {
  provider = await startOAuthProvider();
});
afterAll(() => provider?.[Symbol.asyncDispose]());

type Answer = Record<string, string | number | boolean | undefined>;

async function post(path: string, form: Record<string, string>): Promise<Answer> {
  const response = await fetch(`${provider.issuer}${path}`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  const text = await response.text();
  return text === "" ? { status: response.status } : JSON.parse(text);
}

const refresh = (token: Answer): Promise<Answer> =>
  post("/token", {
    grant_type: "refresh_token",
    client_id: "mailonce",
    refresh_token: String(token["refresh_token"]),
  });

/** What Dovecot would be told. */
async function introspect(token: Answer): Promise<Answer> {
  const { origin, pathname, username, password } = new URL(provider.introspectionUrl);
  const response = await fetch(`${origin}${pathname}`, {
    method: "POST",
    body: new URLSearchParams({ token: String(token["access_token"]) }),
    headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` },
  });
  return (await response.json()) as Answer;
}

async function login(user: string): Promise<Answer> {
  const device = await post("/device/auth", { client_id: "mailonce", scope: "openid offline_access mail" });
  const grant = {
    grant_type: "urn:ietf:params:oauth:grant-type:device_code",
    client_id: "mailonce",
    device_code: String(device["device_code"]),
  };
  expect(await post("/token", grant)).toMatchObject({ error: "authorization_pending" });
  await provider.enterCode(String(device["verification_uri"]), String(device["user_code"]), user);
  return post("/token", grant);
}

test("a device logs in once its code was entered, and introspection says whose token it is", async () => {
  const token = await login("alice");
  expect(token).toMatchObject({ token_type: "Bearer", expires_in: 3600 });
  expect(await introspect(token)).toMatchObject({ active: true, username: "alice" });
  expect(provider.secrets).toContain(token["refresh_token"]);
});

test("a device is told that somebody said no", async () => {
  expect(await login("nobody")).toMatchObject({ error: "access_denied" });
});

test("a refresh token is good for one use, and a second use revokes the login", async () => {
  const first = await login("alice");
  const second = await refresh(first);
  expect(second["refresh_token"]).not.toBe(first["refresh_token"]);
  expect(await refresh(first)).toMatchObject({ error: "invalid_grant" });
  expect(await refresh(second)).toMatchObject({ error: "invalid_grant" });
});

test("access tokens expire, logins are revoked and the endpoint fails when a test wants it", async () => {
  const token = await login("bob");
  provider.expireAccessTokens();
  expect(await introspect(token)).toEqual({ active: false });
  provider.fail(503);
  expect(await refresh(token)).toEqual({ status: 503 });
  provider.fail(null);
  provider.revoke("bob");
  expect(await refresh(token)).toMatchObject({ error: "invalid_grant" });
  expect(provider.tokenRequests.slice(-2)).toEqual([
    { grantType: "", error: "HTTP 503" },
    { grantType: "refresh_token", error: "invalid_grant" },
  ]);
});

test("a browser comes back to any port of this machine with a code", async () => {
  let callback = "";
  const server = createServer((request, response) => {
    callback = request.url ?? "";
    response.end("thanks");
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address() as { port: number };
  const parameters = new URLSearchParams({
    client_id: "mailonce",
    response_type: "code",
    redirect_uri: `http://127.0.0.1:${address.port}/`,
    scope: "openid offline_access mail",
    prompt: "consent",
    state: "s",
    code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    code_challenge_method: "S256",
  });
  const page = await provider.visit(`${provider.issuer}/auth?${parameters}`, "alice");
  expect(page.text).toBe("thanks");
  expect(callback).toMatch(/^\/\?code=[^&]+&state=s/);
  server.close();
});

test("an application gets a token for the mail that it may read", async () => {
  const { clientId, clientSecret } = provider.app;
  const form = { grant_type: "client_credentials", client_id: clientId };
  const token = await post("/token", { ...form, client_secret: clientSecret });
  expect(await introspect(token)).toMatchObject({ active: true, username: "alice" });
  expect(await post("/token", { ...form, client_secret: "wrong" })).toMatchObject({
    error: "invalid_client",
  });
});
