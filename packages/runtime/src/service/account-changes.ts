import { isDeepStrictEqual } from "node:util";
import type { AccountSettings, Configuration } from "../account/settings.ts";
import { type DatabaseAccounts, databaseAccounts } from "./database-accounts.ts";
import type { StoredAccount } from "./ports.ts";

/** The accounts of the configuration and of the database. Of two with the same maildrop that of the configuration counts. */
export async function allAccounts(
  configuration: Configuration,
  stored: readonly StoredAccount[],
): Promise<DatabaseAccounts> {
  const { accounts, problems } = await databaseAccounts(stored);
  const known = new Set(configuration.accounts.map(({ account }) => account.maildrop));
  const others = accounts.filter(({ account }) => !known.has(account.maildrop));
  return { accounts: [...configuration.accounts, ...others], problems };
}

/** How the accounts that are to be served differ from those that are served. */
export interface AccountChanges {
  readonly added: readonly AccountSettings[];
  /** Accounts whose settings have changed, with the new ones. */
  readonly changed: readonly AccountSettings[];
  /** The maildrops of the accounts that are gone. */
  readonly removed: readonly string[];
}

/** Compares the accounts that are served, by their maildrops, with those that are to be served. */
export function accountChanges(
  before: ReadonlyMap<string, AccountSettings>,
  now: readonly AccountSettings[],
): AccountChanges {
  const names = new Set(now.map(({ account }) => account.maildrop));
  const old = (settings: AccountSettings) => before.get(settings.account.maildrop);
  return {
    added: now.filter((settings) => old(settings) === undefined),
    changed: now.filter((settings) => {
      const was = old(settings);
      return was !== undefined && !isDeepStrictEqual(was, settings);
    }),
    removed: [...before.keys()].filter((name) => !names.has(name)),
  };
}
