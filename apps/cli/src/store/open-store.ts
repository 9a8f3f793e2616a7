import type { Spool } from "@mailonce/core";
import {
  type Account,
  type Configuration,
  databaseUrl,
  EXIT,
  FailureError,
  FileSpool,
  openDatabase,
  openDatabaseToChange,
  openExistingDatabase,
  readConfiguration,
} from "@mailonce/runtime";
import { jsonLine } from "../output/json-lines.ts";
import type { Invocation } from "../program.ts";

/** The options that say where accounts and mail are, and how results are written. */
export interface PlaceOptions {
  readonly config?: string;
  readonly database?: string;
  readonly json?: boolean;
}

/** The store and what else the runs of one command share that write to the ledger. */
export interface Ledger {
  readonly store: Awaited<ReturnType<typeof openDatabase>>;
  readonly spool: Spool;
  readonly close: () => Promise<void>;
}

/** A store that there may not be yet. */
export type ExistingStore = Awaited<ReturnType<typeof openExistingDatabase>>;

/** The accounts file that the options, the environment or the place name; null if there is none. */
export function findAccountsFile(
  { config }: PlaceOptions,
  env: NodeJS.ProcessEnv,
): Promise<Configuration | null> {
  return readConfiguration({ env, given: config });
}

/** Opens the database, which is made if missing; where somebody has named it, that is told. */
export async function openOrCreate(
  { database, json }: PlaceOptions,
  { env, terminal }: Pick<Invocation, "env" | "terminal">,
  configuration: Configuration | null,
): Promise<Ledger["store"]> {
  let created: string | null = null;
  const store = await openDatabase(databaseUrl(env, database, configuration), env, (file) => {
    created = file;
  });
  if (created !== null) {
    terminal.note(`mailonce: new database ${created}`);
    if (json === true) await terminal.write(jsonLine({ type: "new-database", file: created }));
  }
  return store;
}

/** The same, and a spool. */
export async function openLedger(
  options: PlaceOptions,
  invocation: Pick<Invocation, "env" | "terminal">,
  configuration: Configuration | null,
): Promise<Ledger> {
  const store = await openOrCreate(options, invocation, configuration);
  const spool = new FileSpool();
  return {
    store,
    spool,
    close: async () => {
      await spool[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** The database for a command that only reads, with the accounts file that may have named it. */
export async function openToRead(
  options: PlaceOptions,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly store: ExistingStore; readonly configuration: Configuration | null }> {
  const configuration = await findAccountsFile(options, env);
  const store = await openExistingDatabase(databaseUrl(env, options.database, configuration), env);
  return { store: expectNamed(store, options), configuration };
}

/** The same for one that changes what is there: tables of an older version are brought up to date first. */
export async function openToChange(
  options: PlaceOptions,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly store: ExistingStore; readonly configuration: Configuration | null }> {
  const configuration = await findAccountsFile(options, env);
  const store = await openDatabaseToChange(databaseUrl(env, options.database, configuration), env);
  return { store: expectNamed(store, options), configuration };
}

/**
 * Where nobody has named a database there may be none yet; a name on the command line that leads to none is a slip.
 * @throws FailureError with exit code 78
 */
function expectNamed(store: ExistingStore, { database }: PlaceOptions): ExistingStore {
  if (store !== null || database?.startsWith("sqlite:") !== true) return store;
  const file = database.slice("sqlite:".length);
  throw new FailureError(
    "no-database",
    `there is no database in ${file}: check the path; 'mailonce fetch' makes one in a folder that is there`,
    EXIT.config,
  );
}

/** How `--wait` reads to a run; it says once for whom it waits. */
export function waitSettings(
  { wait }: { readonly wait?: number | "ever" },
  account: Account,
  { terminal }: Invocation,
): { readonly wait?: number | null; readonly onWaiting?: (holder: string) => void } {
  if (wait === undefined) return {};
  return {
    wait: wait === "ever" ? null : wait,
    onWaiting: (holder) => terminal.note(`mailonce: ${account.maildrop}: waiting for ${holder}`),
  };
}
