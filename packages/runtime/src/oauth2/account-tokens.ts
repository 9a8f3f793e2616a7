import { join } from "node:path";
import type { CredentialsProvider } from "@mailonce/pop3";
import type { AccountSettings, OAuth2Settings, SecretSource } from "../account/settings.ts";
import { readSecret, type SecretSurroundings } from "../secret/secret.ts";
import type { Environment } from "../system/environment.ts";
import { configurationDirectory } from "../system/user-folders.ts";
import { AuthorizationServer, checkSettings } from "./authorization-server.ts";
import type { TokenKey } from "./token-key.ts";
import { noTokenKey, readTokenKeys } from "./token-keys.ts";
import { tokenProvider } from "./token-provider.ts";
import { TokenVault } from "./token-vault.ts";
import type { Tokens } from "./tokens.ts";

export interface AccountTokensParts extends SecretSurroundings {
  /** The `tokens` of a store; null: there is no database yet, so nobody has logged in. */
  readonly tokens: Tokens | null;
  /** What the accounts file says; null: MAILONCE_TOKEN_KEY or the key file. */
  readonly tokenKey: SecretSource | null;
}

/** Used where there is no database: nothing is found, and nothing can be kept. */
const NO_TOKENS: Tokens = {
  find: async () => null,
  accounts: async () => [],
  put: () => Promise.reject(noTokenKey()),
  remove: async () => false,
  claim: async () => "changed",
  release: async () => {},
  settle: async () => null,
};

/** The access tokens of all accounts that log in by OAuth 2. Make one for a process and a database. */
export class AccountTokens {
  readonly vault: TokenVault;
  readonly #parts: AccountTokensParts;

  constructor(parts: AccountTokensParts) {
    this.#parts = parts;
    this.vault = new TokenVault({ tokens: parts.tokens ?? NO_TOKENS, keys: () => this.#keys() });
  }

  /** An account's credentials; see {@link tokenProvider} for what they throw. */
  readonly of = (settings: AccountSettings, oauth2: OAuth2Settings): CredentialsProvider =>
    tokenProvider(oauth2, {
      account: settings.name,
      user: settings.account.user,
      vault: this.vault,
      clientSecret: () => this.#clientSecret(settings.name, oauth2),
      signal: this.#parts.signal,
    });

  /** The provider of an account, with its metadata read. @throws FailureError */
  async server(account: string, oauth2: OAuth2Settings): Promise<AuthorizationServer> {
    // Before a command is run for the secret.
    checkSettings(account, oauth2);
    return AuthorizationServer.discover({
      account,
      settings: oauth2,
      clientSecret: await this.#clientSecret(account, oauth2),
    });
  }

  /** The keys that there are; null if there are none. @throws FailureError (`config`) */
  findKeys(): Promise<readonly TokenKey[] | null> {
    const { env, tokenKey } = this.#parts;
    return readTokenKeys({
      env,
      configured: tokenKey === null ? null : () => readSecret(tokenKey, "the tokenKey", this.#parts),
      file: tokenKeyFile(env),
    });
  }

  async #keys(): Promise<readonly [TokenKey, ...TokenKey[]]> {
    const [first, ...others] = (await this.findKeys()) ?? [];
    if (first === undefined) throw noTokenKey();
    return [first, ...others];
  }

  async #clientSecret(account: string, { clientSecret }: OAuth2Settings): Promise<string | null> {
    return clientSecret === null
      ? null
      : readSecret(clientSecret, `the clientSecret of ${account}`, this.#parts);
  }
}

/** The key file that `mailonce login` makes where no other key is named. */
export function tokenKeyFile(env: Environment): string {
  return join(configurationDirectory(env), "token.key");
}
