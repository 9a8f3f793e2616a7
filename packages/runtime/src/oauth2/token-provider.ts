import type { CredentialsProvider, TokenCredentials } from "@mailonce/pop3";
import type { OAuth2Settings } from "../account/settings.ts";
import { FailureError } from "../failure/failure-error.ts";
import { AuthorizationServer } from "./authorization-server.ts";
import { isFresh } from "./grant.ts";
import { type KeptGrant, loginNeeded, type TokenVault } from "./token-vault.ts";

/** What an account's access tokens come from. */
export interface TokenProviderParts {
  /** The maildrop's name, under which `mailonce login` has kept the grant. */
  readonly account: string;
  /** Whom the mail server knows. */
  readonly user: string;
  /** One for the whole process. */
  readonly vault: TokenVault;
  /** Asked for when a token must be fetched; null: a public client. */
  readonly clientSecret: () => Promise<string | null>;
  /** Ends the waiting for another process that is getting the token. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds since 1970; Date.now if absent. */
  readonly now?: () => number;
}

/**
 * The account's access token whenever a login needs one: the kept one while it lasts, a new one before it expires, and
 * once more after a refusal. What it throws is a FailureError: `denied` if there must be a new login, `config` if it was never
 * logged in or the settings do not fit, `unavailable` or `busy` if the provider cannot be had.
 */
export function tokenProvider(settings: OAuth2Settings, parts: TokenProviderParts): CredentialsProvider {
  const token = settings.grant === "client-credentials" ? appToken : userToken;
  let given: string | null = null;
  return async (refused): Promise<TokenCredentials> => {
    given = await token(settings, parts, refused === null ? null : given);
    return { user: parts.user, token: given };
  };
}

/** Gives an access token. @param refused a token that the mail server does not take */
type TokenSource = (
  settings: OAuth2Settings,
  parts: TokenProviderParts,
  refused: string | null,
) => Promise<string>;

/** The token of a person who has logged in. */
const userToken: TokenSource = async (settings, parts, refused) => {
  const { account, vault, now = Date.now, signal } = parts;
  const kept = await vault.read(account);
  if (kept === null) throw loginNeeded(account);
  refuseOthers(kept, settings, account);
  if (kept.grant.accessToken !== refused && isFresh(kept.grant, now())) return kept.grant.accessToken;
  // Before the claim: what takes long, or may fail, should keep nobody else waiting.
  const server = await discover(settings, parts);
  const renewed = await vault.renew(account, kept, (grant) => server.refresh(grant), signal);
  refuseOthers(renewed, settings, account);
  return renewed.grant.accessToken;
};

/** What one provider gave is shown to no other. @throws FailureError (`login-needed`, of the kind `config`) */
function refuseOthers({ grant }: KeptGrant, { issuer, clientId }: OAuth2Settings, account: string): void {
  if (grant.issuer === issuer && grant.clientId === clientId) return;
  throw new FailureError(
    "login-needed",
    `${account} was logged in with another issuer or client id: run 'mailonce login ${account}'`,
    "config",
  );
}

/** The token of the application itself: nobody logs in, and nothing is kept in the database. */
const appToken: TokenSource = async (settings, parts, refused) => {
  const { vault, now = Date.now } = parts;
  const { issuer, clientId, scopes } = settings;
  // One for all mailboxes that the application may read.
  const grant = await vault.remember(
    JSON.stringify([issuer, clientId, scopes]),
    (known) => known.accessToken !== refused && isFresh(known, now()),
    async () => (await discover(settings, parts)).clientCredentials(),
  );
  return grant.accessToken;
};

async function discover(settings: OAuth2Settings, parts: TokenProviderParts): Promise<AuthorizationServer> {
  const clientSecret = await parts.clientSecret();
  return AuthorizationServer.discover({ account: parts.account, settings, clientSecret });
}
