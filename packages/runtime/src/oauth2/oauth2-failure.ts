import { oneLine, text } from "../failure/error-properties.ts";
import { FailureError } from "../failure/failure-error.ts";
import type { FailureKind } from "../failure/failure-kind.ts";

/** What a failure is about. The secrets are blotted out of what the provider says. */
export interface FailureContext {
  readonly issuer: string;
  readonly account: string;
  readonly secrets: readonly (string | null)[];
}

/** The stable code of a grant that the provider takes no longer: only a new login helps. */
export const GRANT_REVOKED = "grant-revoked";

/** By the `error` of RFC 6749 section 5.2, RFC 8628 section 3.5 and OpenID Connect Core section 3.1.2.6. */
const REFUSALS: Readonly<
  Record<string, readonly [code: string, kind: FailureKind, words: (f: Facts) => string]>
> = {
  invalid_grant: [GRANT_REVOKED, "denied", revoked],
  interaction_required: [GRANT_REVOKED, "denied", revoked],
  login_required: [GRANT_REVOKED, "denied", revoked],
  consent_required: [GRANT_REVOKED, "denied", revoked],
  access_denied: ["login-denied", "denied", (f) => `the login at ${f.host} was denied${f.said}`],
  expired_token: [
    "login-expired",
    "denied",
    (f) => `nobody logged in at ${f.host} in time: run 'mailonce login ${f.account}' again`,
  ],
  invalid_client: [
    "oauth2-client",
    "config",
    (f) => `${f.host} does not accept the client: check client id and client secret${f.said}`,
  ],
  unauthorized_client: [
    "oauth2-client",
    "config",
    (f) => `${f.host} does not let this client log in this way: check its registration there${f.said}`,
  ],
  invalid_scope: ["oauth2-scope", "config", (f) => `${f.host} does not give these scopes${f.said}`],
  unsupported_grant_type: [
    "oauth2-grant",
    "config",
    (f) => `${f.host} does not offer this kind of login: choose another grant${f.said}`,
  ],
  temporarily_unavailable: ["oauth2-unavailable", "busy", unavailable],
  server_error: ["oauth2-unavailable", "busy", unavailable],
  slow_down: ["oauth2-unavailable", "busy", unavailable],
};

interface Facts {
  readonly host: string;
  readonly account: string;
  /** ` (it says: …)`, or nothing. */
  readonly said: string;
}

/**
 * What went wrong between this process and the provider, in one sentence. Nothing of the library's error is kept: its
 * cause may hold the answer, and with it tokens.
 */
export function oauth2Failure(thrown: unknown, context: FailureContext): FailureError {
  if (thrown instanceof FailureError) return thrown;
  const host = URL.canParse(context.issuer) ? new URL(context.issuer).host : "the provider";
  const error = thrown instanceof Error ? thrown : new Error("");
  const answer = answerOf(error);
  const facts = { host, account: context.account, said: said(answer.description, context.secrets) };
  // RFC 6749 section 5.2: whoever fails to authenticate by a header is told so by a status alone.
  const name = answer.error === "" && answer.status === 401 ? "invalid_client" : answer.error;
  const refusal = Object.hasOwn(REFUSALS, name) ? REFUSALS[name] : undefined;
  if (refusal !== undefined) return new FailureError(refusal[0], refusal[2](facts), refusal[1]);
  if (answer.status === 429 || answer.status >= 500) {
    return new FailureError("oauth2-unavailable", unavailable(facts), "busy");
  }
  const code = text(error, "code");
  if (name !== "" || answer.status >= 400) {
    const what = /^[a-z_]{1,40}$/.test(name) ? `: ${name}` : ` (HTTP ${answer.status})`;
    return new FailureError("oauth2-refused", `${host} refuses${what}${facts.said}`, "config");
  }
  if (code === "OAUTH_TIMEOUT") {
    return new FailureError("oauth2-unreachable", `${host} did not answer in time`, "unavailable");
  }
  if (error instanceof TypeError && error.message === "fetch failed") {
    const why = text(error.cause, "code");
    return new FailureError(
      "oauth2-unreachable",
      `${host} cannot be reached for a token (${/^[A-Z_0-9]+$/.test(why) ? why : "no reason given"})`,
      "unavailable",
    );
  }
  return byCode(code, host);
}

function byCode(code: string, host: string): FailureError {
  if (code === "OAUTH_MISSING_SERVER_METADATA") {
    return new FailureError(
      "oauth2-grant",
      `${host} does not offer this kind of login: choose another grant`,
      "config",
    );
  }
  if (code === "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED") {
    return new FailureError(
      "oauth2-issuer",
      `the metadata at ${host} are another issuer's: write the issuer as the provider does`,
      "config",
    );
  }
  if (code === "OAUTH_HTTP_REQUEST_FORBIDDEN" || code === "OAUTH_REQUEST_PROTOCOL_FORBIDDEN") {
    return new FailureError("oauth2-issuer", `${host} names endpoints that are no https URLs`, "config");
  }
  return new FailureError(
    "oauth2-nonsense",
    `${host} does not answer as an OAuth 2 provider must${/^OAUTH_[A-Z_]+$/.test(code) ? ` (${code})` : ""}`,
    "unavailable",
  );
}

function revoked({ host, account, said }: Facts): string {
  return `${host} takes the login of ${account} no longer: run 'mailonce login ${account}'${said}`;
}

function unavailable({ host, said }: Facts): string {
  return `${host} gives no tokens for the moment; try again later${said}`;
}

/** What the provider answered, wherever the library put it: an error in JSON, in a redirect, or only a status. */
function answerOf(error: Error): {
  readonly error: string;
  readonly description: string;
  readonly status: number;
} {
  const response: unknown = Reflect.get(error, "cause");
  const status: unknown =
    Reflect.get(error, "status") ?? (response instanceof Response ? response.status : 0);
  return {
    error: text(error, "error"),
    description: text(error, "error_description"),
    status: typeof status === "number" ? status : 0,
  };
}

/** At most 200 characters of what the provider says, without what is secret. */
function said(description: string, secrets: readonly (string | null)[]): string {
  let told = description;
  for (const secret of secrets) if (secret !== null && secret !== "") told = told.replaceAll(secret, "***");
  // Whatever looks like a token, should it be one that is not known here.
  told = oneLine(told.replace(/[A-Za-z0-9._~+/=-]{40,}/g, "***"), 200);
  return told === "" ? "" : ` (it says: ${told})`;
}
