import type { MessageStore } from "@mailonce/core";
import {
  type Account,
  type AccountSettings,
  accountOf,
  bareAccount,
  type Configuration,
  didYouMean,
  EXIT,
  FailureError,
  isMaildropName,
  MAILDROP_NAME_FORM,
  maildropName,
  noConfiguration,
  parseAccountUrl,
} from "@mailonce/runtime";

/**
 * The accounts that a command line names, by the names of the accounts file or by URLs; all of the file's where it
 * names none. A URL that leads to an account of the file is that account.
 * @throws FailureError with exit code 2; with several URLs it says which one is wrong
 */
export function chooseAccounts(
  places: readonly string[],
  maildrop: string | undefined,
  configuration: Configuration | null,
): readonly AccountSettings[] {
  if (maildrop !== undefined && !isMaildropName(maildrop))
    throw usage("maildrop-name", `--maildrop needs a name: ${MAILDROP_NAME_FORM}`);
  if (maildrop !== undefined && places.length !== 1)
    throw usage("maildrop-name", "--maildrop names one maildrop: give one account with it");
  if (places.length === 0) {
    if (configuration === null) throw noConfiguration();
    return configuration.accounts;
  }
  const chosen = places.map((place, index) => {
    try {
      return chooseAccount(place, maildrop, configuration);
    } catch (error) {
      if (places.length === 1 || !(error instanceof FailureError)) throw error;
      const which = isUrl(place) ? "URL" : "account";
      throw usage(error.code, `${which} ${index + 1} of ${places.length}: ${error.message}`);
    }
  });
  return chosen.filter(({ account }, index) => {
    const first = chosen.findIndex((other) => other.account.maildrop === account.maildrop);
    if (isSame(chosen[first]?.account, account)) return first === index;
    throw usage(
      "maildrop-name",
      `${places[first]} and ${places[index]} name the same maildrop, ${account.maildrop}: give one of them`,
    );
  });
}

/**
 * The maildrop that an account's name or URL, a maildrop's own name, or `--maildrop` choose; undefined for all.
 * @throws FailureError with exit code 2
 */
export async function chosenMaildrop(
  place: string | undefined,
  maildrop: string | undefined,
  {
    configuration,
    store,
  }: { readonly configuration: Configuration | null; readonly store: MaildropNames | null },
): Promise<string | undefined> {
  if (maildrop !== undefined) return storedMaildrop(maildrop, store);
  if (place === undefined) return undefined;
  if (isUrl(place)) return byUrl(place, configuration).account.maildrop;
  const settings = configuration === null ? undefined : named(configuration, place);
  if (settings !== undefined) return settings.account.maildrop;
  if (store === null || (await store.findMaildrop(place)) !== null) return place;
  const names = (await store.maildrops()).map(({ name }) => name);
  const meant = didYouMean(place, [...names, ...(configuration?.accounts ?? []).map(({ name }) => name)]);
  throw usage("unknown-account", `there is neither an account nor a maildrop ${place}${meant}`);
}

async function storedMaildrop(name: string, store: MaildropNames | null): Promise<string> {
  if (store === null || (await store.findMaildrop(name)) !== null) return name;
  const meant = didYouMean(
    name,
    (await store.maildrops()).map((one) => one.name),
  );
  throw usage(
    "unknown-maildrop",
    `there is no maildrop ${name}${meant || "; 'mailonce maildrop list' shows them"}`,
  );
}

/** What of a store tells the names that there are. */
type MaildropNames = Pick<MessageStore, "findMaildrop" | "maildrops">;

/** Whether a word of a command line is meant as a URL. */
export function isUrl(word: string): boolean {
  return word.includes("://");
}

function chooseAccount(
  place: string,
  maildrop: string | undefined,
  configuration: Configuration | null,
): AccountSettings {
  const settings = isUrl(place) ? byUrl(place, configuration) : byName(place, configuration);
  return maildrop === undefined ? settings : { ...settings, account: { ...settings.account, maildrop } };
}

function byUrl(url: string, configuration: Configuration | null): AccountSettings {
  const address = parseAccountUrl(url);
  // Of 110 and 995 each leads to the same mail, which must not be fetched under a second name.
  const all = configuration?.accounts.filter(
    ({ account }) => maildropName(account) === maildropName(address),
  );
  const known = all?.find(({ account }) => account.port === address.port) ?? all?.[0];
  if (known === undefined) return bareAccount(accountOf(address));
  return { ...known, account: { ...known.account, ...address } };
}

function byName(name: string, configuration: Configuration | null): AccountSettings {
  if (configuration === null) throw noConfiguration(name);
  const found = named(configuration, name);
  if (found !== undefined) return found;
  const names = configuration.accounts.map((settings) => settings.name);
  const meant = didYouMean(name, names) || `; there ${names.length === 1 ? "is" : "are"} ${some(names)}`;
  throw usage("unknown-account", `there is no account ${name} in ${configuration.file}${meant}`);
}

/** An umlaut may be one code point in the file, and two on the command line. */
function named({ accounts }: Configuration, word: string): AccountSettings | undefined {
  return accounts.find(({ name }) => name.normalize() === word.normalize());
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(", ");
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}

function isSame(a: Account | undefined, b: Account): boolean {
  return a?.user === b.user && a.host === b.host && a.port === b.port && a.tls === b.tls;
}

function usage(code: string, message: string): FailureError {
  return new FailureError(code, message, EXIT.usage);
}
