import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import { OAuthBrowser, type Page } from "./oauth-browser.ts";
import { OAuthStorage } from "./oauth-storage.ts";

/** How the provider is set up. */
export interface OAuthProviderOptions {
  /** How long access tokens live. Default 3600. */
  readonly accessTokenSeconds?: number;
  /** How long a device's code may be entered. Default 600. */
  readonly deviceCodeSeconds?: number;
  /** Whose mail the application may read by client credentials. Default alice. */
  readonly appUser?: string;
}

/** A request at the token endpoint. */
export interface TokenRequest {
  readonly grantType: string;
  /** Null: tokens were given. */
  readonly error: string | null;
}

/**
 * A real OAuth 2 and OpenID Connect provider (oidc-provider) on a free port of 127.0.0.1: device code, authorization
 * code with PKCE, refresh tokens that are good for one use (a second one revokes all that came of the login), client
 * credentials, introspection, revocation. Whoever says so is logged in, and agrees to everything.
 */
export interface OAuthProvider extends AsyncDisposable {
  readonly issuer: string;
  /** A public client for device code and browser. */
  readonly clientId: string;
  /** A confidential client for client credentials. */
  readonly app: { readonly clientId: string; readonly clientSecret: string };
  /** With the credentials of a client that may introspect, as Dovecot takes it. The user is in `username`. */
  readonly introspectionUrl: string;
  /** For `args` of Dovecot's passdb oauth2. */
  readonly dovecotConfig: string;
  /** What was asked at the token endpoint, except for devices that are told to wait; oldest first. */
  readonly tokenRequests: readonly TokenRequest[];
  /** All tokens and codes that were ever given, for who looks for them where they should not be. */
  readonly secrets: readonly string[];
  /**
   * Opens a URL in the browser of a user, who logs in and agrees; `nobody` denies. The browser may be on another
   * machine, where an origin is `unreachable`.
   */
  visit(url: string, user: string, unreachable?: string): Promise<Page>;
  /** The user enters a device's code and agrees; `nobody` denies. */
  enterCode(verificationUri: string, userCode: string, user: string): Promise<Page>;
  /** No access token that was given so far is good any more. */
  expireAccessTokens(): void;
  /** Takes back all that the user agreed to. */
  revoke(user: string): void;
  /** From now on the token endpoint answers with this status and an empty body; null: as usual. */
  fail(status: number | null): void;
  /** Called when a request reaches the token endpoint, before it is answered. */
  onTokenRequest: (() => void | Promise<void>) | null;
}

const SCOPES = ["openid", "offline_access", "mail"];
const TOKEN_MODELS = ["AccessToken", "ClientCredentials"];

/** Starts it; resolves when it answers. */
export async function startOAuthProvider(options: OAuthProviderOptions = {}): Promise<OAuthProvider> {
  const { accessTokenSeconds = 3600, deviceCodeSeconds = 600, appUser = "alice" } = options;
  let handle = async (_request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.writeHead(503).end();
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const place = `127.0.0.1:${address.port}`;
  const issuer = `http://${place}`;
  const storage = new OAuthStorage();
  const app = { clientId: "mailonce-app", clientSecret: randomBytes(20).toString("hex") };
  const introspector = { clientId: "dovecot", clientSecret: randomBytes(20).toString("hex") };
  // Large, and it warns at its import of Nodes that it has not tried: only who needs it loads it.
  const { default: OidcProvider } = await import("oidc-provider");
  const provider = new OidcProvider(issuer, {
    adapter: (model: string) => storage.adapter(model),
    clients: clients(app, introspector),
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    cookies: { keys: [randomBytes(20).toString("hex")] },
    jwks: { keys: [signingKey()] },
    scopes: SCOPES,
    features: {
      devInteractions: { enabled: false },
      deviceFlow: {
        enabled: true,
        userCodeInputSource: async (context: { body: unknown }, form: string) => {
          context.body = form;
        },
        successSource: async (context: { body: unknown }) => {
          context.body = "Your device is logged in.";
        },
      },
      introspection: { enabled: true, allowedPolicy: async () => true },
      revocation: { enabled: true, allowedPolicy: async () => true },
      clientCredentials: { enabled: true },
    },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: async (_context: unknown, id: string) => ({
      accountId: id,
      claims: async () => ({ sub: id }),
    }),
    extraTokenClaims: async (_context: unknown, token: { readonly accountId?: string }) => ({
      username: token.accountId ?? appUser,
    }),
    rotateRefreshToken: true,
    ttl: {
      AccessToken: accessTokenSeconds,
      ClientCredentials: accessTokenSeconds,
      DeviceCode: deviceCodeSeconds,
      Grant: 86_400,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
  });
  const tokenRequests: TokenRequest[] = [];
  const secrets: string[] = [];
  record(provider, tokenRequests, secrets);
  const answer = provider.callback();
  let failure: number | null = null;
  const running: OAuthProvider = {
    issuer,
    clientId: "mailonce",
    app,
    introspectionUrl: `http://${introspector.clientId}:${introspector.clientSecret}@${place}/token/introspection`,
    get dovecotConfig() {
      return `introspection_mode = post
introspection_url = ${running.introspectionUrl}
username_attribute = username
active_attribute = active
active_value = true
`;
    },
    tokenRequests,
    secrets,
    onTokenRequest: null,
    visit: (url, user, unreachable) => new OAuthBrowser(user).open(url, undefined, unreachable),
    enterCode: (verificationUri, userCode, user) =>
      new OAuthBrowser(user).enterCode(verificationUri, userCode),
    expireAccessTokens: () => {
      for (const model of TOKEN_MODELS) storage.of(model).clear();
    },
    revoke: (user) => storage.removeWhere(({ accountId }) => accountId === user),
    fail: (status) => {
      failure = status;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  handle = async (request, response) => {
    if (request.url === "/token") {
      await running.onTokenRequest?.();
      if (failure !== null) {
        tokenRequests.push({ grantType: "", error: `HTTP ${failure}` });
        response.writeHead(failure).end();
        return;
      }
    }
    if (request.url?.startsWith("/interaction/")) await interact(provider, request, response);
    else await answer(request, response);
  };
  return running;
}

function clients(
  app: { readonly clientId: string; readonly clientSecret: string },
  introspector: { readonly clientId: string; readonly clientSecret: string },
): readonly object[] {
  return [
    {
      client_id: "mailonce",
      application_type: "native",
      token_endpoint_auth_method: "none",
      // Any port: RFC 8252 section 7.3.
      redirect_uris: ["http://127.0.0.1/"],
      grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
      response_types: ["code"],
    },
    {
      client_id: app.clientId,
      client_secret: app.clientSecret,
      token_endpoint_auth_method: "client_secret_post",
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
    },
    {
      client_id: introspector.clientId,
      client_secret: introspector.clientSecret,
      grant_types: [],
      redirect_uris: [],
      response_types: [],
    },
  ];
}

function signingKey(): object {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...privateKey.export({ format: "jwk" }), alg: "ES256", use: "sig" };
}

/** Notes who asked for what, and what was given. */
function record(provider: Provider, requests: TokenRequest[], secrets: string[]): void {
  const grantType = (params: Readonly<Record<string, unknown>> | undefined): string =>
    String(params?.["grant_type"] ?? "");
  provider.on("grant.success", ({ oidc }) => {
    requests.push({ grantType: grantType(oidc?.params), error: null });
  });
  provider.on("grant.error", ({ oidc }, error) => {
    const name = error === undefined ? "" : error.message;
    if (name !== "authorization_pending") requests.push({ grantType: grantType(oidc?.params), error: name });
  });
  provider.use(async (context, next) => {
    await next();
    const body = context.body as Record<string, unknown> | null | undefined;
    if (typeof body !== "object" || body === null) return;
    for (const key of ["access_token", "refresh_token", "device_code", "id_token"]) {
      const secret = body[key];
      if (typeof secret === "string") secrets.push(secret);
    }
    // The provider leaves it out, which means five seconds.
    if (context.oidc?.route === "device_authorization") body["interval"] = 0.05;
  });
}

/** The pages on which a person logs in and agrees. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const details = await provider.interactionDetails(request, response);
  const user = String(request.headers["x-user"] ?? "");
  await provider.interactionFinished(request, response, await decision(provider, details, user), {
    mergeWithLastSubmission: true,
  });
}

async function decision(
  provider: Provider,
  details: Awaited<ReturnType<Provider["interactionDetails"]>>,
  user: string,
): Promise<object> {
  if (user === "" || user === "nobody") {
    return { error: "access_denied", error_description: "The user said no" };
  }
  if (details.prompt.name === "login") return { login: { accountId: user } };
  const known = details.grantId === undefined ? undefined : await provider.Grant.find(details.grantId);
  const grant =
    known ??
    new provider.Grant({
      accountId: details.session?.accountId ?? user,
      clientId: details.params["client_id"] ?? "",
    });
  grant.addOIDCScope((details.prompt.details.missingOIDCScope ?? []).join(" "));
  return { consent: { grantId: await grant.save() } };
}
