import type { ClientAuth, Configuration, TokenEndpointResponse } from "openid-client";
import { isLoopback, oauth2Problem } from "../account/oauth2-presets.ts";
import type { OAuth2Settings } from "../account/settings.ts";
import { FailureError } from "../failure/failure-error.ts";
import { optionalPackage } from "../failure/optional-package.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import type { Grant } from "./grant.ts";
import { oauth2Failure } from "./oauth2-failure.ts";

/** The library, loaded when it is first needed: it costs more than all the rest of a short command. */
type Client = typeof import("openid-client");

/** What an authorization server is reached by. */
export interface AuthorizationServerParts {
  /** For messages: whose login it is. */
  readonly account: string;
  readonly settings: OAuth2Settings;
  /** Null: a public client. */
  readonly clientSecret: string | null;
}

/** Seconds for each request. */
const TIMEOUT_S = 20;

/** A provider whose metadata are known. Its methods throw FailureErrors that hold no secret. */
export class AuthorizationServer {
  readonly settings: OAuth2Settings;
  readonly account: string;
  readonly #parts: AuthorizationServerParts;
  readonly #client: Client;
  readonly #configuration: Configuration;

  private constructor(parts: AuthorizationServerParts, client: Client, configuration: Configuration) {
    this.settings = parts.settings;
    this.account = parts.account;
    this.#parts = parts;
    this.#client = client;
    this.#configuration = configuration;
  }

  /**
   * Reads the issuer's metadata: OpenID Connect Discovery, else RFC 8414.
   * @throws FailureError: `config` if settings or issuer make no sense, `unavailable` if it cannot be reached, `busy` if it
   * says to try later
   */
  static async discover(parts: AuthorizationServerParts): Promise<AuthorizationServer> {
    const { settings, account, clientSecret } = parts;
    checkSettings(account, settings);
    const client = await optionalPackage("openid-client", "OAuth 2", () => import("openid-client"));
    const configuration = await reworded(parts, [], () => metadata(client, settings, clientSecret));
    return new AuthorizationServer(parts, client, configuration);
  }

  /** Exchanges the refresh token. The answer's own replaces it, if there is one. */
  async refresh({ refreshToken }: Grant): Promise<Grant> {
    if (refreshToken === null) {
      throw new FailureError(
        "login-needed",
        `the login of ${this.account} has run out, and its provider gave no refresh token: run 'mailonce login ${this.account}'`,
        "denied",
      );
    }
    // No scope: what was granted at the login, also where the settings have changed since.
    return this.ask(
      (client, configuration) => client.refreshTokenGrant(configuration, refreshToken),
      [refreshToken],
      refreshToken,
    );
  }

  /** An access token for the client itself. */
  clientCredentials(): Promise<Grant> {
    const scope = this.settings.scopes.join(" ");
    return this.ask((client, configuration) =>
      client.clientCredentialsGrant(configuration, scope === "" ? {} : { scope }),
    );
  }

  /** @returns false, and nothing happens, if the provider has no endpoint for it (RFC 7009) */
  async revoke(token: string): Promise<boolean> {
    if (this.#configuration.serverMetadata().revocation_endpoint === undefined) return false;
    await this.try((client, configuration) => client.tokenRevocation(configuration, token), [token]);
    return true;
  }

  /** Asks for tokens, and makes a grant of what comes. */
  async ask(
    request: (client: Client, configuration: Configuration) => Promise<TokenEndpointResponse>,
    secrets: readonly (string | null)[] = [],
    refreshToken: string | null = null,
  ): Promise<Grant> {
    return this.try(async (client, configuration) => {
      const asked = Date.now();
      const answer = await request(client, configuration);
      // RFC 6750 section 2.1, and no more than a mail server's line could carry.
      if (!/^[\x21-\x7e]{1,30000}$/.test(answer.access_token)) throw new Error("no usable access token");
      return {
        issuer: this.settings.issuer,
        clientId: this.settings.clientId,
        refreshToken: answer.refresh_token ?? refreshToken,
        accessToken: answer.access_token,
        expiresAt: answer.expires_in === undefined ? null : asked + answer.expires_in * 1000,
      };
    }, secrets);
  }

  /** Does something at the provider. @throws FailureError, whatever goes wrong, which holds none of the secrets */
  try<T>(
    work: (client: Client, configuration: Configuration) => Promise<T>,
    secrets: readonly (string | null)[] = [],
  ): Promise<T> {
    return reworded(this.#parts, secrets, () => work(this.#client, this.#configuration));
  }
}

async function reworded<T>(
  { settings: { issuer }, account, clientSecret }: AuthorizationServerParts,
  secrets: readonly (string | null)[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw oauth2Failure(error, { issuer, account, secrets: [clientSecret, ...secrets] });
  }
}

/** @throws FailureError (`oauth2-settings`, of the kind `config`) if they make no sense */
export function checkSettings(account: string, settings: OAuth2Settings): void {
  const problem = oauth2Problem(settings);
  if (problem === null) return;
  throw new FailureError("oauth2-settings", `OAuth 2 of ${account}: ${problem}`, "config");
}

async function metadata(
  client: Client,
  { issuer, clientId }: OAuth2Settings,
  clientSecret: string | null,
): Promise<Configuration> {
  const url = new URL(issuer);
  // It is one document of the provider; how the client authenticates is known after it.
  let authentication: ClientAuth = client.None();
  const configuration = async (algorithm: "oidc" | "oauth2"): Promise<Configuration> =>
    client.discovery(url, clientId, undefined, (...parameters) => authentication(...parameters), {
      algorithm,
      timeout: TIMEOUT_S,
      [client.customFetch]: boundedFetch,
      ...(isLoopback(url) ? { execute: [client.allowInsecureRequests] } : {}),
    });
  let found: Configuration;
  try {
    found = await configuration("oidc");
  } catch (error) {
    if (!isMissing(error)) throw error;
    try {
      found = await configuration("oauth2");
    } catch (other) {
      if (!isMissing(other)) throw other;
      throw new FailureError(
        "oauth2-issuer",
        `${url.host} publishes no OAuth 2 metadata for the issuer ${issuer}: write the issuer as the provider does`,
        "config",
      );
    }
  }
  if (clientSecret !== null) {
    const methods = found.serverMetadata().token_endpoint_auth_methods_supported ?? [];
    // RFC 6749 section 2.3.1: the header is what every provider must take; the form is what none misreads.
    authentication = methods.includes("client_secret_post")
      ? client.ClientSecretPost(clientSecret)
      : client.ClientSecretBasic(clientSecret);
  }
  return found;
}

/** Whether an answer to discovery says that there is nothing of the kind. */
function isMissing(error: unknown): boolean {
  if (!(error instanceof Error) || Reflect.get(error, "code") !== "OAUTH_RESPONSE_IS_NOT_CONFORM")
    return false;
  return error.cause instanceof Response && error.cause.status >= 400 && error.cause.status < 500;
}
