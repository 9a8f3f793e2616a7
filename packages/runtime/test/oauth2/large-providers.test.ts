import { afterEach, describe, expect, test } from "vitest";
import { oauth2Settings } from "../../src/account/oauth2-presets.ts";
import { AuthorizationServer } from "../../src/oauth2/authorization-server.ts";
import { logInByDeviceCode } from "../../src/oauth2/device-code-login.ts";
import type { Grant } from "../../src/oauth2/grant.ts";

/** A request as a provider sees it. */
interface Seen {
  readonly url: string;
  readonly form: Readonly<Record<string, string>>;
}

const realFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = realFetch;
});

/** Stands in for the net: the large providers cannot be had in a test, but what they answer is known. */
function answering(answer: (seen: Seen) => readonly [status: number, body: object]): readonly Seen[] {
  const requests: Seen[] = [];
  globalThis.fetch = async (input, init) => {
    const body =
      init?.body instanceof URLSearchParams ? init.body : new URLSearchParams(String(init?.body ?? ""));
    const seen = { url: String(input), form: Object.fromEntries(body) };
    requests.push(seen);
    const [status, json] = answer(seen);
    return new Response(JSON.stringify(json), { status, headers: { "content-type": "application/json" } });
  };
  return requests;
}

const grant: Grant = {
  issuer: "",
  clientId: "c1",
  refreshToken: "old refresh token",
  accessToken: "old",
  expiresAt: null,
};

describe("Microsoft 365", () => {
  const base = "https://login.microsoftonline.com/organizations";
  const tenant = "https://login.microsoftonline.com/example.org";
  const metadata = (root: string) => ({
    issuer: "https://login.microsoftonline.com/{tenantid}/v2.0",
    authorization_endpoint: `${root}/oauth2/v2.0/authorize`,
    token_endpoint: `${root}/oauth2/v2.0/token`,
    device_authorization_endpoint: `${root}/oauth2/v2.0/devicecode`,
    response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
    token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt", "client_secret_basic"],
  });

  test("logs people of any tenant in by device code, and can revoke nothing", async () => {
    let polls = 0;
    const requests = answering(({ url }) => {
      if (url.endsWith("openid-configuration")) return [200, metadata(base)];
      if (url.endsWith("devicecode")) {
        const prompt = { user_code: "ABC123DEF", verification_uri: "https://microsoft.com/devicelogin" };
        return [
          200,
          { ...prompt, device_code: "d1", expires_in: 900, interval: 0.01, message: "To sign in, …" },
        ];
      }
      if (++polls < 3) return [400, { error: "authorization_pending", error_description: "AADSTS70016: …" }];
      const token = { token_type: "Bearer", expires_in: 4200, ext_expires_in: 4200, access_token: "a1" };
      return [
        200,
        { ...token, refresh_token: "r1", scope: "https://outlook.office.com/POP.AccessAsUser.All" },
      ];
    });
    const settings = oauth2Settings({ provider: "microsoft365", clientId: "c1" });
    const server = await AuthorizationServer.discover({ account: "ann", settings, clientSecret: null });
    const shown: string[] = [];
    const given = await logInByDeviceCode(server, {
      onPrompt: ({ verificationUri, userCode }) => {
        shown.push(verificationUri, userCode);
      },
    });
    expect(shown).toEqual(["https://microsoft.com/devicelogin", "ABC123DEF"]);
    expect(given).toMatchObject({ accessToken: "a1", refreshToken: "r1", issuer: `${base}/v2.0` });
    expect(requests.map(({ url }) => url.replace(base, ""))).toEqual([
      "/v2.0/.well-known/openid-configuration",
      "/oauth2/v2.0/devicecode",
      "/oauth2/v2.0/token",
      "/oauth2/v2.0/token",
      "/oauth2/v2.0/token",
    ]);
    expect(requests[1]?.form).toEqual({
      client_id: "c1",
      scope: "https://outlook.office.com/POP.AccessAsUser.All offline_access",
    });
    expect(await server.revoke("r1")).toBe(false);
  });

  test("gives applications a token for all that was granted to them", async () => {
    const requests = answering(({ url }) =>
      url.endsWith("openid-configuration")
        ? [200, metadata(tenant)]
        : [200, { token_type: "Bearer", expires_in: 3599, access_token: "a1" }],
    );
    const settings = oauth2Settings({
      provider: "microsoft365",
      grant: "client-credentials",
      issuer: `${tenant}/v2.0`,
      clientId: "c1",
      clientSecret: { kind: "env", name: "SECRET" },
    });
    const server = await AuthorizationServer.discover({ account: "ann", settings, clientSecret: "s1" });
    expect(await server.clientCredentials()).toMatchObject({ accessToken: "a1", refreshToken: null });
    expect(requests.at(-1)?.form).toEqual({
      grant_type: "client_credentials",
      client_id: "c1",
      client_secret: "s1",
      scope: "https://outlook.office365.com/.default",
    });
  });

  test("says in its own words why a login has ended", async () => {
    answering(({ url }) =>
      url.endsWith("openid-configuration")
        ? [200, metadata(base)]
        : [
            400,
            {
              error: "invalid_grant",
              error_description:
                "AADSTS50173: The provided grant has expired due to it being revoked. Trace ID: 5f4b\r\nTimestamp: 2026",
              error_codes: [50173],
              suberror: "bad_token",
            },
          ],
    );
    const settings = oauth2Settings({ provider: "microsoft365", clientId: "c1" });
    const server = await AuthorizationServer.discover({ account: "ann", settings, clientSecret: null });
    await expect(server.refresh(grant)).rejects.toMatchObject({
      code: "grant-revoked",
      kind: "denied",
      message: expect.stringMatching(
        /run 'mailonce login ann' \(it says: AADSTS50173: The provided grant has expired/,
      ),
    });
  });
});

describe("Google", () => {
  test("keeps its refresh token through renewals, and revokes it", async () => {
    const requests = answering(({ url }) => {
      if (url.endsWith("openid-configuration")) {
        const metadata = {
          issuer: "https://accounts.google.com",
          authorization_endpoint: "https://accounts.google.com/o/oauth2/v2/auth",
          token_endpoint: "https://oauth2.googleapis.com/token",
          revocation_endpoint: "https://oauth2.googleapis.com/revoke",
          device_authorization_endpoint: "https://oauth2.googleapis.com/device/code",
          response_types_supported: ["code"],
          token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
        };
        return [200, metadata];
      }
      if (url.endsWith("/revoke")) return [200, {}];
      return [
        200,
        { access_token: "a2", expires_in: 3599, scope: "https://mail.google.com/", token_type: "Bearer" },
      ];
    });
    const settings = oauth2Settings({ provider: "google", clientId: "c1" });
    const server = await AuthorizationServer.discover({ account: "joe", settings, clientSecret: "s1" });
    expect(await server.refresh(grant)).toMatchObject({
      accessToken: "a2",
      refreshToken: "old refresh token",
    });
    expect(await server.revoke("old refresh token")).toBe(true);
    expect(requests.slice(1)).toEqual([
      {
        url: "https://oauth2.googleapis.com/token",
        form: {
          grant_type: "refresh_token",
          refresh_token: "old refresh token",
          client_id: "c1",
          client_secret: "s1",
        },
      },
      {
        url: "https://oauth2.googleapis.com/revoke",
        form: { token: "old refresh token", client_id: "c1", client_secret: "s1" },
      },
    ]);
  });
});
