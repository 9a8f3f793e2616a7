import type { TypeormStore } from "@mailonce/typeorm";
import type { Configuration } from "./config/settings.ts";
import { defaultDatabaseUrl, type Environment } from "./data-directory.ts";

/**
 * The database's URL: the given one, else MAILONCE_DATABASE, else the accounts file's, else the SQLite file in the user's
 * data directory.
 */
export function databaseUrl(
  env: Environment,
  given?: string,
  configuration?: Pick<Configuration, "database"> | null,
): string {
  return given ?? (env["MAILONCE_DATABASE"] || configuration?.database || defaultDatabaseUrl(env));
}

/**
 * Opens the store at `url` and brings its tables up to date. An SQLite file is made if missing; its folder only if that
 * is the user's data directory, for one that somebody has named may be misspelt. The database's password may stand in
 * MAILONCE_DATABASE_PASSWORD. Dispose of the store when done.
 *
 * TypeORM is loaded here, not before: it costs more than all the rest of a short command.
 * @param onNewFile called with the path if somebody has named an SQLite file that had no store in it: people are to be
 *   told, because behind a misspelt path everything is fetched again
 * @throws DatabaseUrlError, StoreUnavailableError, MailonceError
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
 * The same for those who only look: null, and nothing is made or changed, if there is no such database yet.
 * @throws DatabaseUrlError, StoreUnavailableError, MailonceError
 */
export async function openExistingDatabase(url: string, env: Environment): Promise<TypeormStore | null> {
  const { openExistingStore } = await import("@mailonce/typeorm");
  return openExistingStore(storeOptions(url, env));
}

function storeOptions(url: string, env: Environment): { readonly url: string; readonly password?: string } {
  const password = env["MAILONCE_DATABASE_PASSWORD"];
  return password === undefined ? { url } : { url, password };
}
