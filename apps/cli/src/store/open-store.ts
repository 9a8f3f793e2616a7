import type { Spool } from "@mailonce/core";
import {
  databaseUrl,
  FailureError,
  FileSpool,
  openDatabase,
  openDatabaseToChange,
  openExistingDatabase,
  type Store,
} from "@mailonce/runtime";
import type { Configuration } from "@mailonce/runtime/config";
import { type CommonOptions, findAccountsFile } from "../accounts/accounts-file.ts";
import type { Invocation } from "../input/invocation.ts";

/** What people are told where a command needs a database and there is none yet. */
export const NO_DATABASE = "there is no database yet; 'mailonce fetch' makes it";

/** The store and the spool of a command that writes to the ledger. */
export interface OpenLedger extends AsyncDisposable {
  readonly store: Store;
  readonly spool: Spool;
}

/** The store; null if there is no database yet. */
export type ExistingStore = Store | null;

/** The URL of the database that the option, the environment or the accounts file name. */
export async function chosenDatabase(options: CommonOptions, env: NodeJS.ProcessEnv): Promise<string> {
  return databaseUrl(env, options.database, await findAccountsFile(options, env));
}

/** Opens the database. If there is none it is made; where the user has named it, standard error says so: it may be a slip. */
export async function openOrCreate(
  { database, json }: CommonOptions,
  { env, terminal }: Pick<Invocation, "env" | "terminal">,
  configuration: Configuration | null,
): Promise<OpenLedger["store"]> {
  let created: string | null = null;
  const store = await openDatabase(databaseUrl(env, database, configuration), env, (file) => {
    created = file;
  });
  if (created !== null) {
    terminal.note(`mailonce: new database ${created}`);
    if (json === true) await terminal.json({ type: "new-database", file: created });
  }
  return store;
}

/** Opens the database as openOrCreate does, and a spool. */
export async function openLedger(
  options: CommonOptions,
  invocation: Pick<Invocation, "env" | "terminal">,
  configuration: Configuration | null,
): Promise<OpenLedger> {
  const store = await openOrCreate(options, invocation, configuration);
  const spool = new FileSpool();
  return {
    store,
    spool,
    [Symbol.asyncDispose]: async () => {
      await spool[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** The database for a command that only reads, with the accounts file that may have named it. */
export async function openToRead(
  options: CommonOptions,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly store: ExistingStore; readonly configuration: Configuration | null }> {
  const configuration = await findAccountsFile(options, env);
  const store = await openExistingDatabase(databaseUrl(env, options.database, configuration), env);
  return { store: expectNamed(store, options), configuration };
}

/** The database for a command that changes what is in it: tables of an older version are brought up to date first. */
export async function openToChange(
  options: CommonOptions,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly store: ExistingStore; readonly configuration: Configuration | null }> {
  const configuration = await findAccountsFile(options, env);
  const store = await openDatabaseToChange(databaseUrl(env, options.database, configuration), env);
  return { store: expectNamed(store, options), configuration };
}

/**
 * Gives the store back. Without `--database` there may be none yet; an SQLite file that the option names must be there.
 * @throws FailureError (`config`) if it is not
 */
function expectNamed(store: ExistingStore, { database }: CommonOptions): ExistingStore {
  if (store !== null || database?.startsWith("sqlite:") !== true) return store;
  const file = database.slice("sqlite:".length);
  throw new FailureError(
    "no-database",
    `there is no database in ${file}: check the path; 'mailonce fetch' makes one in a folder that is there`,
    "config",
  );
}
