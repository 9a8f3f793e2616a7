import { databaseUrl, openExistingDatabase } from "@mailonce/runtime";
import { logOut } from "@mailonce/runtime/oauth2";
import { accountTokens } from "../../accounts/account-tokens.ts";
import type { CommonOptions } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { chooseOAuth2, oauth2Command } from "../../oauth2/oauth2-command.ts";
import type { ExitCode } from "../../output/exit-code.ts";

/** `mailonce logout ACCOUNT` */
export function logOutOf(place: string, options: CommonOptions, invocation: Invocation): Promise<ExitCode> {
  return oauth2Command("logout", place, options, invocation, async (signal) => {
    const { terminal, env } = invocation;
    const { settings, oauth2, configuration } = await chooseOAuth2(place, options, invocation);
    const { name } = settings;
    await using store = await openExistingDatabase(databaseUrl(env, options.database, configuration), env);
    const tokens = store === null ? null : accountTokens(invocation, signal, configuration, store.tokens);
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
