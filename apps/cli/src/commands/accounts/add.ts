import { resolve } from "node:path";
import { accountNameOf, accountOf, parseAccountUrl } from "@mailonce/runtime/config";
import { databaseAccount } from "@mailonce/runtime/service";
import { type CommonOptions, findAccountsFile } from "../../accounts/accounts-file.ts";
import type { Invocation } from "../../input/invocation.ts";
import { openOrCreate } from "../../store/open-store.ts";
import { tellChange, wrongAccount } from "./change.ts";
import { scheduleInWords } from "./schedule-in-words.ts";

interface AccountsAddCommandOptions extends CommonOptions {
  readonly name?: string;
  readonly schedule?: string;
  readonly passwordFile?: string;
  readonly passwordEnv?: string;
  readonly settings?: string;
}

/** The longest settings, in characters, that the database's column holds. */
const MAX_SETTINGS = 8000;
const DEFAULT_SCHEDULE = "5m";

/** `mailonce accounts add URL` */
export async function addAccount(
  url: string,
  options: AccountsAddCommandOptions,
  { terminal, env }: Invocation,
): Promise<void> {
  const { maildrop } = accountOf(parseAccountUrl(url), options.name);
  const name = options.name ?? accountNameOf(maildrop);
  if (name === null)
    throw wrongAccount("no name for the account can be made of this URL: give one with --name");
  const entry = {
    schedule: DEFAULT_SCHEDULE,
    // A fetch by the URL keeps the mail under this maildrop's name. Under another name all of it would be fetched again.
    ...(name === maildrop ? {} : { maildrop }),
    ...readSettings(options.settings),
    url,
    ...passwordOf(options),
    ...(options.schedule === undefined ? {} : { schedule: scheduleOf(options.schedule) }),
  };
  // The settings are read as the worker will read them, so that what is wrong with them is told here and now.
  const settings = await databaseAccount(name, entry);
  const text = JSON.stringify(entry);
  if (text.length > MAX_SETTINGS)
    throw wrongAccount(`the settings are too long: ${MAX_SETTINGS} characters at most`);
  const configuration = await findAccountsFile(options, env);
  const inFile = configuration?.accounts.some((one) => one.account.maildrop === settings.account.maildrop);
  if (inFile === true) throw wrongAccount(`the accounts file has ${settings.account.maildrop} already`);
  await using store = await openOrCreate(options, { terminal, env }, configuration);
  const isNew = await store.accounts.add({ name: settings.name, settings: text });
  if (!isNew)
    throw wrongAccount(
      `there is an account ${settings.name} already: remove it first, or give another --name`,
    );
  const sentence = `${settings.name} added: fetched ${scheduleInWords(settings)}.`;
  await tellChange(options, terminal, "add", settings.name, sentence);
}

function passwordOf({ passwordFile, passwordEnv }: AccountsAddCommandOptions): object {
  if (passwordFile !== undefined && passwordEnv !== undefined)
    throw wrongAccount("give --password-file or --password-env, not both");
  if (passwordFile !== undefined) return { password: { file: resolve(passwordFile) } };
  return passwordEnv === undefined ? {} : { password: { env: passwordEnv } };
}

/** `--schedule` as the accounts file would have it: five words are a cron expression, anything else is an interval. */
function scheduleOf(text: string): unknown {
  return /^\S+(\s+\S+){4}$/.test(text.trim()) ? { cron: text.trim() } : text;
}

function readSettings(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // The error does not quote the text: somebody may have put a secret in it by mistake.
  }
  throw wrongAccount("--settings must be a JSON object");
}
