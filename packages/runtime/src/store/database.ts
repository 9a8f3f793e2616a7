import type { TypeormStore } from "@mailonce/typeorm";
import type { Configuration } from "../account/settings.ts";
import { secretVariable } from "../secret/secret-text.ts";
import type { Environment } from "../system/environment.ts";
import { defaultDatabaseUrl } from "../system/user-folders.ts";
import type { StoreInspection } from "./store.ts";

/**
 * The database's URL: the given one, else MAILONCE_DATABASE, else the accounts file's, else the SQLite file in the user's
 * data directory.
 * @throws FailureError (`secret`, of the kind `config`) if the variable is no text in UTF-8
 */
export function databaseUrl(
  env: Environment,
  given?: string,
  configuration?: Pick<Configuration, "database"> | null,
): string {
  // It is read as a secret, because a password may stand in it.
  const fromEnvironment = () => secretVariable(env, "MAILONCE_DATABASE", "the database's URL");
  return given ?? (fromEnvironment() || configuration?.database || defaultDatabaseUrl(env));
}

/**
 * Opens the store at `url` and brings its tables up to date. An SQLite file is made if missing; its folder only if that
 * is the user's data directory, for one that somebody has named may be misspelt. The database's password may stand in
 * MAILONCE_DATABASE_PASSWORD. Dispose of the store when done.
 *
 * TypeORM is loaded here, not before: it costs more than all the rest of a short command.
 * @param onNewFile called with the path if somebody has named an SQLite file that had no store in it: people are to be
 *   told, because behind a misspelt path everything is fetched again
 * @throws DatabaseUrlError, StoreUnavailableError, MailonceError; FailureError for a password that is no text in UTF-8
 */
export async function openDatabase(
  url: string,
  env: Environment,
  onNewFile?: (file: string) => void,
): Promise<TypeormStore> {
  const { openStore } = await import("@mailonce/typeorm");
  const isNamed = url !== defaultDatabaseUrl(env);
  return openStore({
    ...storeOptions(url, env),
    createFolder: !isNamed,
    ...(isNamed && onNewFile !== undefined ? { onNewFile } : {}),
  });
}

/**
 * Opens the store at `url` to read it: null if there is no such database yet. Nothing is made or changed; tables of an older
 * version are read as they are.
 * @throws DatabaseUrlError, StoreUnavailableError, MailonceError; FailureError for a password that is no text in UTF-8
 */
export async function openExistingDatabase(url: string, env: Environment): Promise<TypeormStore | null> {
  const { openExistingStore } = await import("@mailonce/typeorm");
  return openExistingStore(storeOptions(url, env));
}

/**
 * Opens the store at `url` to change what is in it: null if there is no such database yet, else its tables are brought up
 * to date first.
 * @throws DatabaseUrlError, StoreUnavailableError, MailonceError
 */
export async function openDatabaseToChange(url: string, env: Environment): Promise<TypeormStore | null> {
  const store = await openExistingDatabase(url, env);
  if (store === null || store.schema?.state === "current") return store;
  await store[Symbol.asyncDispose]();
  return openDatabase(url, env);
}

/**
 * What the database is, how far its tables are, and what its user may do. Changes nothing.
 * @throws DatabaseUrlError, StoreUnavailableError, MailonceError
 */
export async function inspectDatabase(url: string, env: Environment): Promise<StoreInspection> {
  const { inspectStore } = await import("@mailonce/typeorm");
  return inspectStore(storeOptions(url, env));
}

/** What a migration does, in words for people. */
export async function migrationInWords(name: string): Promise<string> {
  const { DEFAULT_TABLE_PREFIX, migrationWords } = await import("@mailonce/typeorm");
  return migrationWords(name, DEFAULT_TABLE_PREFIX);
}

function storeOptions(url: string, env: Environment): { readonly url: string; readonly password?: string } {
  const password = secretVariable(env, "MAILONCE_DATABASE_PASSWORD", "the database's password");
  return password === undefined ? { url } : { url, password };
}
