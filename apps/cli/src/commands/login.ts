import {
  type AccountSettings,
  AccountTokens,
  type Configuration,
  databaseUrl,
  EXIT,
  type ExitCode,
  FailureError,
  failureOf,
  type Grant,
  logInByBrowser,
  logInByDeviceCode,
  logOut,
  makeKeyFile,
  type OAuth2Settings,
  openDatabase,
  openExistingDatabase,
  tokenKeyFile,
} from "@mailonce/runtime";
import { chooseAccounts } from "../accounts.ts";
import { watchInterrupt } from "../interrupt.ts";
import { jsonLine } from "../json-lines.ts";
import { findAccountsFile, type PlaceOptions } from "../ledger-settings.ts";
import type { Invocation } from "../program.ts";
import { safeLine } from "../safe-text.ts";
import type { Terminal } from "../terminal.ts";

/** The options of login. */
export interface LoginOptions extends PlaceOptions {
  readonly json?: boolean;
  readonly deviceCode?: boolean;
  readonly browser?: boolean;
  readonly port?: number;
}

/** The options of logout. */
export type LogoutOptions = PlaceOptions & Pick<LoginOptions, "json">;

/** `mailonce login ACCOUNT` */
export function logIn(place: string, options: LoginOptions, invocation: Invocation): Promise<ExitCode> {
  return told("login", place, options, invocation, async (signal) => {
    const { terminal } = invocation;
    const chosen = await chooseOAuth2(place, options, invocation);
    const { settings, configuration } = chosen;
    const oauth2 = { ...chosen.oauth2, grant: grantOf(chosen.oauth2, options) };
    await using store = await openDatabase(
      databaseUrl(invocation.env, options.database, configuration),
      invocation.env,
    );
    const tokens = accountTokens(invocation, signal, configuration, store);
    const server = await tokens.server(settings.name, oauth2);
    if (oauth2.grant === "client-credentials") {
      await server.clientCredentials();
      if (options.json !== true)
        await terminal.line(
          `${settings.name} logs in as an application: it works, and there is nothing to keep.`,
        );
      return { expiresAt: null };
    }
    // Before anybody is asked to do anything.
    await provideKey(tokens, invocation, await store.tokens.accounts());
    const prompts = new Prompts(terminal, options.json === true, settings);
    const grant: Grant =
      oauth2.grant === "browser"
        ? await logInByBrowser(server, {
            user: settings.account.user,
            onPrompt: (prompt) => prompts.browser(prompt),
            signal,
            ...(options.port === undefined ? {} : { port: options.port }),
          })
        : await logInByDeviceCode(server, { onPrompt: (prompt) => prompts.deviceCode(prompt), signal });
    await tokens.vault.write(settings.name, grant);
    if (grant.refreshToken === null)
      terminal.note(
        `mailonce: ${settings.name}: warning: the provider gave no refresh token (often the scope offline_access is missing): the login is good until ${shortTime(grant.expiresAt)}`,
      );
    if (options.json !== true)
      await terminal.line(`${settings.name} is logged in. Now: mailonce check ${settings.name}`);
    return { expiresAt: grant.refreshToken === null ? grant.expiresAt : null };
  });
}

/** `mailonce logout ACCOUNT` */
export function logOutOf(place: string, options: LogoutOptions, invocation: Invocation): Promise<ExitCode> {
  return told("logout", place, options, invocation, async (signal) => {
    const { terminal, env } = invocation;
    const { settings, oauth2, configuration } = await chooseOAuth2(place, options, invocation);
    const { name } = settings;
    await using store = await openExistingDatabase(databaseUrl(env, options.database, configuration), env);
    const tokens = store === null ? null : accountTokens(invocation, signal, configuration, store);
    const result =
      tokens === null
        ? ({ kind: "none" } as const)
        : await logOut(name, tokens.vault, ({ issuer, clientId }) =>
            tokens.server(name, { ...oauth2, issuer, clientId }),
          );
    if (options.json !== true) await terminal.line(LOGOUT_WORDS[result.kind](name));
    if (result.kind === "not-revoked") throw result.failure;
    return { revoked: result.kind === "revoked" };
  });
}

const LOGOUT_WORDS: Readonly<Record<Awaited<ReturnType<typeof logOut>>["kind"], (name: string) => string>> = {
  none: (name) => `${name} was not logged in.`,
  revoked: (name) => `${name} is logged out; the provider has revoked the login.`,
  forgotten: (name) =>
    `${name} is logged out here. The provider cannot be told: revoke the application's access in your account there.`,
  "not-revoked": (name) =>
    `${name} is logged out here, but not at the provider: revoke the application's access in your account there.`,
};

/** What a person is told to do, or a program that shows it to one. */
class Prompts {
  readonly #terminal: Terminal;
  readonly #json: boolean;
  readonly #settings: AccountSettings;

  constructor(terminal: Terminal, json: boolean, settings: AccountSettings) {
    this.#terminal = terminal;
    this.#json = json;
    this.#settings = settings;
  }

  async deviceCode(
    prompt: Parameters<Parameters<typeof logInByDeviceCode>[1]["onPrompt"]>[0],
  ): Promise<void> {
    const { verificationUri, userCode, expiresAt } = prompt;
    if (this.#json) return this.#line({ grant: "device-code", ...prompt, expiresAt: new Date(expiresAt) });
    await this.#terminal.write(`To log in as ${safeLine(this.#settings.account.user)}, on any machine:

  1. open  ${this.#terminal.bold(safeLine(verificationUri))}
  2. enter ${this.#terminal.bold(safeLine(userCode))}

The code is good until ${shortTime(expiresAt)}. Ctrl-C gives up.
`);
  }

  async browser(prompt: Parameters<Parameters<typeof logInByBrowser>[1]["onPrompt"]>[0]): Promise<void> {
    if (this.#json) return this.#line({ grant: "browser", ...prompt });
    await this.#terminal.write(`To log in as ${safeLine(this.#settings.account.user)}, open this in a browser on this machine:

${safeLine(prompt.url)}

It comes back to port ${prompt.port}. A browser elsewhere: ssh -L ${prompt.port}:127.0.0.1:${prompt.port} to here first. Ctrl-C gives up.
`);
  }

  #line(prompt: object): Promise<void> {
    return this.#terminal.write(jsonLine({ type: "login-prompt", account: this.#settings.name, ...prompt }));
  }
}

/** Does the work; with `--json` the last line says how it ended, whatever happened. */
async function told(
  type: "login" | "logout",
  account: string,
  { json }: { readonly json?: boolean },
  { terminal }: Invocation,
  work: (signal: AbortSignal) => Promise<object>,
): Promise<ExitCode> {
  using interrupt = watchInterrupt(terminal);
  const { signal } = interrupt;
  try {
    const result = await work(signal);
    if (json === true)
      await terminal.write(jsonLine({ type, account, ...result, exitCode: EXIT.done, error: null }));
    return EXIT.done;
  } catch (error) {
    if (json !== true || terminal.closed.aborted) throw error;
    const { code, message, exitCode } = failureOf(error);
    await terminal.write(jsonLine({ type, account, exitCode, error: { code, message } }));
    terminal.note(`mailonce: ${message}`);
    return exitCode;
  }
}

async function chooseOAuth2(
  place: string,
  options: PlaceOptions,
  { env }: Invocation,
): Promise<{
  readonly settings: AccountSettings;
  readonly oauth2: OAuth2Settings;
  readonly configuration: Configuration | null;
}> {
  const configuration = await findAccountsFile(options, env);
  const [settings] = chooseAccounts([place], undefined, configuration);
  if (settings?.login.kind === "oauth2") return { settings, oauth2: settings.login.oauth2, configuration };
  throw new FailureError(
    "no-oauth2",
    `${settings?.name ?? place} does not log in by OAuth 2: an account with 'oauth2:' in the accounts file does`,
    EXIT.usage,
  );
}

function grantOf(oauth2: OAuth2Settings, { deviceCode, browser }: LoginOptions): OAuth2Settings["grant"] {
  if (deviceCode === true) return "device-code";
  return browser === true ? "browser" : oauth2.grant;
}

function accountTokens(
  { env, terminal }: Invocation,
  signal: AbortSignal,
  configuration: Configuration | null,
  store: Awaited<ReturnType<typeof openDatabase>>,
): AccountTokens {
  return new AccountTokens({
    env,
    signal,
    tell: (line) => terminal.note(`mailonce: ${line}`),
    tokens: store.tokens,
    tokenKey: configuration?.tokenKey ?? null,
  });
}

/** Where no key is named: makes one, unless there are tokens under one already. */
async function provideKey(
  tokens: AccountTokens,
  { env, terminal }: Invocation,
  accounts: readonly string[],
): Promise<void> {
  if ((await tokens.findKeys()) !== null) return;
  if (accounts.length > 0) {
    throw new FailureError(
      "token-key",
      `the database holds tokens under a key that is not here (of ${accounts.length === 1 ? accounts[0] : `${accounts.length} accounts`}): set MAILONCE_TOKEN_KEY or tokenKey to it`,
      EXIT.config,
    );
  }
  const file = tokenKeyFile(env);
  if (await makeKeyFile(file))
    terminal.note(
      `mailonce: made ${file}, a key to encrypt tokens with. Keep it; other machines on this database need the same.`,
    );
}

function shortTime(ms: number | null): string {
  return ms === null
    ? "some time"
    : new Date(ms).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}
