import { type FailureError, failureOf } from "@mailonce/runtime";
import {
  type AccountSettings,
  accountUrl,
  type Configuration,
  guessProfile,
  type OAuth2Settings,
  type ProfileName,
  parseAccountUrl,
  shellWord,
} from "@mailonce/runtime/config";
import { type CommonOptions, findAccountsFile } from "../accounts/accounts-file.ts";
import { chooseAccounts, isUrl } from "../accounts/choose-accounts.ts";
import { watchInterrupt } from "../input/interrupt.ts";
import type { Invocation } from "../input/invocation.ts";
import { usageError } from "../input/usage-error.ts";
import { EXIT, type ExitCode } from "../output/exit-code.ts";

/** Does the work; with `--json` the last line says how it ended, whatever happened. */
export async function oauth2Command(
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
    if (json === true) await terminal.json({ type, account, ...result, exitCode: EXIT.done, error: null });
    return EXIT.done;
  } catch (error) {
    if (json !== true || terminal.closed.aborted) throw error;
    const { code, message, kind } = failureOf(error);
    await terminal.json({ type, account, exitCode: EXIT[kind], error: { code, message } });
    terminal.note(`mailonce: ${message}`);
    return EXIT[kind];
  }
}

/** The account that is named, which must be one that logs in by OAuth 2. */
export async function chooseOAuth2(
  place: string,
  options: CommonOptions,
  { env }: Invocation,
): Promise<{
  readonly settings: AccountSettings;
  readonly oauth2: OAuth2Settings;
  readonly configuration: Configuration | null;
}> {
  const configuration = await findAccountsFile(options, env);
  if (configuration === null) throw needsFile(place);
  const [settings] = chooseAccounts([place], undefined, configuration);
  if (settings?.login.kind === "oauth2") return { settings, oauth2: settings.login.oauth2, configuration };
  const { file, accounts } = configuration;
  const name = settings?.name ?? place;
  const isThere = accounts.some((account) => account.name === name);
  throw usageError(
    "no-oauth2",
    isThere
      ? `${name} does not log in by OAuth 2: in ${file}, give it 'oauth2:' in place of a password ('mailonce help oauth2')`
      : `${file} has no account for ${name}: write one, with 'oauth2:' ('mailonce help oauth2')`,
  );
}

/** The provider that an account's host belongs to, where only one is possible. */
const PROVIDERS: Readonly<Partial<Record<ProfileName, string>>> = {
  gmail: "google",
  microsoft365: "microsoft365",
};

function needsFile(place: string): FailureError {
  const url = isUrl(place) ? parseAccountUrl(place) : null;
  const shown = url === null ? "pop3s://USER@HOST" : shellWord(accountUrl(url));
  const provider = (url === null ? undefined : PROVIDERS[guessProfile(url.host)]) ?? "google|microsoft365";
  return usageError(
    "no-configuration",
    `a login needs an accounts file, for the client id: mailonce init --url ${shown} --oauth2 ${provider} --client-id ID (other providers: 'mailonce help oauth2')`,
  );
}
