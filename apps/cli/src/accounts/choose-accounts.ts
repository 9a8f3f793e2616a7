import { FailureError } from "@mailonce/runtime";
import {
  type Account,
  type AccountSettings,
  accountOf,
  bareAccount,
  type Configuration,
  didYouMean,
  isMaildropName,
  MAILDROP_NAME_FORM,
  maildropName,
  noConfiguration,
  parseAccountUrl,
} from "@mailonce/runtime/config";
import { usageError } from "../input/usage-error.ts";

/**
 * The accounts that a command line names, by the names of the accounts file or by URLs; all of the file's where it
 * names none. A URL that leads to an account of the file is that account.
 * @throws FailureError (`usage`); with several URLs it says which one is wrong
 */
export function chooseAccounts(
  places: readonly string[],
  maildrop: string | undefined,
  configuration: Configuration | null,
): readonly AccountSettings[] {
  if (maildrop !== undefined && !isMaildropName(maildrop))
    throw usageError("maildrop-name", `--maildrop needs a name: ${MAILDROP_NAME_FORM}`);
  if (maildrop !== undefined && places.length !== 1)
    throw usageError("maildrop-name", "--maildrop names one maildrop: give one account with it");
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
      throw usageError(error.code, `${which} ${index + 1} of ${places.length}: ${error.message}`);
    }
  });
  return chosen.filter(({ account }, index) => {
    const first = chosen.findIndex((other) => other.account.maildrop === account.maildrop);
    if (isSame(chosen[first]?.account, account)) return first === index;
    throw usageError(
      "maildrop-name",
      `${places[first]} and ${places[index]} name the same maildrop, ${account.maildrop}: give one of them`,
    );
  });
}

/** Whether a word of a command line is meant as a URL. */
export function isUrl(word: string): boolean {
  return word.includes("://");
}

function chooseAccount(
  place: string,
  maildrop: string | undefined,
  configuration: Configuration | null,
): AccountSettings {
  const settings = isUrl(place) ? accountByUrl(place, configuration) : byName(place, configuration);
  return maildrop === undefined ? settings : { ...settings, account: { ...settings.account, maildrop } };
}

/** The account that a URL leads to: one of the file, or one that the URL alone describes. */
export function accountByUrl(url: string, configuration: Configuration | null): AccountSettings {
  const address = parseAccountUrl(url);
  // Ports 110 and 995 of a host lead to the same mail, which must not be fetched under a second name.
  const all = configuration?.accounts.filter(
    ({ account }) => maildropName(account) === maildropName(address),
  );
  const known = all?.find(({ account }) => account.port === address.port) ?? all?.[0];
  if (known === undefined) return bareAccount(accountOf(address));
  return { ...known, account: { ...known.account, ...address } };
}

function byName(name: string, configuration: Configuration | null): AccountSettings {
  if (configuration === null) throw noConfiguration(name);
  const found = accountNamed(configuration, name);
  if (found !== undefined) return found;
  const names = configuration.accounts.map((settings) => settings.name);
  const meant = didYouMean(name, names) || `; there ${names.length === 1 ? "is" : "are"} ${some(names)}`;
  throw usageError("unknown-account", `there is no account ${name} in ${configuration.file}${meant}`);
}

/** The account of this name. An umlaut may be one code point in the file, and two on the command line. */
export function accountNamed({ accounts }: Configuration, word: string): AccountSettings | undefined {
  return accounts.find(({ name }) => name.normalize() === word.normalize());
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(", ");
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}

function isSame(a: Account | undefined, b: Account): boolean {
  return a?.user === b.user && a.host === b.host && a.port === b.port && a.tls === b.tls;
}
