import { type FSWatcher, watch } from "node:fs";
import { basename, dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  type AccountSettings,
  type Configuration,
  DEFAULT_WORKER,
  type Environment,
  findConfiguration,
  readConfigurationFile,
} from "@mailonce/runtime/config";
import { databaseAccounts, type StoredAccount } from "@mailonce/runtime/service";
import { environmentConfiguration, withEnvironment } from "./environment.ts";

/** Where a configuration comes from. */
export interface ConfigurationSource {
  /** The accounts file; null: the environment, or the database alone. */
  readonly file: string | null;
  /** @throws FailureError with exit code 78 */
  read(): Promise<Configuration>;
}

/**
 * MAILONCE_ACCOUNTS, else the accounts file (`--config`, MAILONCE_CONFIG, or where one usually is), else nothing but
 * defaults: then the accounts are those of the database.
 * @throws FailureError with exit code 78
 */
export async function configurationSource(
  env: Environment,
  given: string | undefined,
): Promise<ConfigurationSource> {
  const fromEnvironment = given === undefined ? await environmentConfiguration(env) : null;
  if (fromEnvironment !== null) return { file: null, read: async () => fromEnvironment };
  const file = await findConfiguration({ env, given });
  if (file !== null)
    return { file, read: async () => withEnvironment(await readConfigurationFile(file), env) };
  const none: Configuration = {
    file: "",
    database: null,
    tokenKey: null,
    concurrency: 4,
    worker: DEFAULT_WORKER,
    accounts: [],
  };
  return { file: null, read: async () => withEnvironment(none, env) };
}

/** The accounts of the configuration and of the database; of two on one maildrop that of the file counts. */
export async function allAccounts(
  configuration: Configuration,
  stored: readonly StoredAccount[],
): Promise<{ readonly accounts: readonly AccountSettings[]; readonly problems: readonly string[] }> {
  const { accounts, problems } = await databaseAccounts(stored);
  const known = new Set(configuration.accounts.map(({ account }) => account.maildrop));
  const others = accounts.filter(({ account }) => !known.has(account.maildrop));
  return { accounts: [...configuration.accounts, ...others], problems };
}

/** What is different now. */
export interface AccountChanges {
  readonly added: readonly AccountSettings[];
  /** Their settings are others now. */
  readonly changed: readonly AccountSettings[];
  /** The maildrops of those that are gone. */
  readonly removed: readonly string[];
}

/** Compares what was served with what is to be served. */
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

/** Editors write in several steps, and some put another file in the place: only the last step counts. */
const SETTLE_MS = 200;

/**
 * Calls back after each change of the file, however it is made. The function that it gives ends it. `blind` is called
 * where changes are not noticed, or no longer.
 */
export function watchFile(file: string, changed: () => void, blind: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher;
  try {
    // The folder: a file that is replaced would no longer be watched. Kubernetes replaces ..data, a link beside it.
    watcher = watch(dirname(file), (_event, name) => {
      if (name !== null && name !== basename(file) && name !== "..data") return;
      clearTimeout(timer);
      timer = setTimeout(changed, SETTLE_MS);
    });
  } catch {
    // No more watches to be had: SIGHUP is left.
    blind();
    return () => {};
  }
  watcher.on("error", () => {
    watcher.close();
    blind();
  });
  return () => {
    clearTimeout(timer);
    watcher.close();
  };
}
