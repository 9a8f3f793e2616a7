import { createInterface } from "node:readline";
import { FailureError } from "@mailonce/runtime";
import type { AccountSettings, OAuth2Settings } from "@mailonce/runtime/config";
import {
  type AccountTokens,
  type AuthorizationServer,
  type Grant,
  logInByBrowser,
  logInByDeviceCode,
  makeKeyFile,
  tokenKeyFile,
} from "@mailonce/runtime/oauth2";
import { accountTokens } from "../../accounts/account-tokens.ts";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { chooseOAuth2, oauth2Command } from "../../oauth2/oauth2-command.ts";
import type { ExitCode } from "../../output/exit-code.ts";
import { openOrCreate } from "../../store/open-store.ts";
import { LoginPrompts, shortTime } from "./login-prompts.ts";

interface LoginCommandOptions extends CommonOptions {
  readonly deviceCode?: boolean;
  readonly browser?: boolean;
  readonly port?: number;
}

/** `mailonce login ACCOUNT` */
export function logIn(
  place: string,
  options: LoginCommandOptions,
  invocation: Invocation,
): Promise<ExitCode> {
  return oauth2Command("login", place, options, invocation, async (signal) => {
    const { terminal } = invocation;
    const chosen = await chooseOAuth2(place, options, invocation);
    const { settings, configuration } = chosen;
    const oauth2 = { ...chosen.oauth2, grant: grantOf(chosen.oauth2, options) };
    await using store = await openOrCreate(options, invocation, configuration);
    const tokens = accountTokens(invocation, signal, configuration, store.tokens);
    const server = await tokens.server(settings.name, oauth2);
    if (oauth2.grant === "client-credentials") {
      await server.clientCredentials();
      if (options.json !== true)
        await terminal.line(
          `${settings.name} logs in as an application: it works, and there is nothing to keep.`,
        );
      return { expiresAt: null };
    }
    // A key is provided first: a person shall not log in for tokens that could not be kept then.
    await provideKey(tokens, invocation, await store.tokens.accounts());
    const grant = await askForLogin(server, settings, options, invocation, signal);
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

/** Tells a person what to do, and waits for it to be done. */
async function askForLogin(
  server: AuthorizationServer,
  { name, account: { user } }: AccountSettings,
  { json, port }: LoginCommandOptions,
  { terminal, stdin }: Invocation,
  signal: AbortSignal,
): Promise<Grant> {
  const isTyping = stdin.isTTY === true && json !== true;
  const prompts = new LoginPrompts({ terminal, json: json === true, name, user, isTyping });
  if (server.settings.grant !== "browser")
    return logInByDeviceCode(server, { onPrompt: (prompt) => prompts.deviceCode(prompt), signal });
  const lines = isTyping ? createInterface({ input: stdin }) : null;
  try {
    return await logInByBrowser(server, {
      user,
      onPrompt: (prompt) => prompts.browser(prompt),
      signal,
      ...(port === undefined ? {} : { port }),
      ...(lines === null ? {} : { typed: lines }),
      onWrongLine: () => terminal.note("mailonce: that is not the address at which the browser ended"),
    });
  } finally {
    lines?.close();
  }
}

function grantOf(
  oauth2: OAuth2Settings,
  { deviceCode, browser }: LoginCommandOptions,
): OAuth2Settings["grant"] {
  if (deviceCode === true) return "device-code";
  return browser === true ? "browser" : oauth2.grant;
}

/** Makes the key file if there is no key yet. @throws FailureError (`config`) where tokens are kept under a key that is gone */
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
      "config",
    );
  }
  const file = tokenKeyFile(env);
  if (await makeKeyFile(file))
    terminal.note(
      `mailonce: made ${file}, a key to encrypt tokens with. Keep it; other machines on this database need the same.`,
    );
}
