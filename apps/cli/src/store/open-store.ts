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

/** The URL of the database that the option, the environment or the accounts file name. */
export async function chosenDatabase(options: CommonOptions, env: NodeJS.ProcessEnv): Promise<string> {
  return databaseUrl(env, options.database, await findAccountsFile(options, env));
}

/** Opens the database. If there is none it is made; where the user has named it, standard error says so: it may be a slip. */
export async function openOrCreate(
  { database, json }: CommonOptions,
  { env, terminal }: Pick<Invocation, "env" | "terminal">,
  configuration: Configuration | null,
): Promise<Store> {
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

/** Opens the database as openOrCreate does, and a spool, for a command that writes to the ledger. */
export async function openLedger(
  options: CommonOptions,
  invocation: Pick<Invocation, "env" | "terminal">,
  configuration: Configuration | null,
): Promise<AsyncDisposable & { readonly store: Store; readonly spool: Spool }> {
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

/** A database, null if there is none yet, and the accounts file that may have named it. */
interface Opened {
  readonly store: Store | null;
  readonly configuration: Configuration | null;
}

/** The database for a command that only reads. @throws FailureError (`config`) as openExisting does */
export function openToRead(options: CommonOptions, env: NodeJS.ProcessEnv): Promise<Opened> {
  return openExisting(openExistingDatabase, options, env);
}

/** The same for a command that changes what is in it: tables of an older version are brought up to date first. */
export function openToChange(options: CommonOptions, env: NodeJS.ProcessEnv): Promise<Opened> {
  return openExisting(openDatabaseToChange, options, env);
}

/**
 * Without `--database` there may be no database yet; an SQLite file that the option names must be there.
 * @throws FailureError (`config`) if it is not
 */
async function openExisting(
  open: typeof openExistingDatabase,
  options: CommonOptions,
  env: NodeJS.ProcessEnv,
): Promise<Opened> {
  const { database } = options;
  const configuration = await findAccountsFile(options, env);
  const store = await open(databaseUrl(env, database, configuration), env);
  if (store !== null || database?.startsWith("sqlite:") !== true) return { store, configuration };
  const file = database.slice("sqlite:".length);
  throw new FailureError(
    "no-database",
    `there is no database in ${file}: check the path; 'mailonce fetch' makes one in a folder that is there`,
    "config",
  );
}
