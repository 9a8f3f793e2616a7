import type { Spool } from "@mailonce/core";
import { type Account, databaseUrl, FileSpool, openDatabase } from "@mailonce/runtime";
import type { Invocation } from "./program.ts";

/** The store and what else the runs of one command share that write to the ledger. */
export interface Ledger {
  readonly store: Awaited<ReturnType<typeof openDatabase>>;
  readonly spool: Spool;
  readonly close: () => Promise<void>;
}

/** Opens the database, which is made if missing, and a spool. */
export async function openLedger(database: string | undefined, env: NodeJS.ProcessEnv): Promise<Ledger> {
  const store = await openDatabase(databaseUrl(env, database), env);
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

/** How `--wait` reads to a run; it says once for whom it waits. */
export function waitSettings(
  { wait }: { readonly wait?: number | "ever" },
  account: Account,
  { terminal }: Invocation,
): { readonly wait?: number | null; readonly onWaiting?: (holder: string) => void } {
  if (wait === undefined) return {};
  return {
    wait: wait === "ever" ? null : wait * 1000,
    onWaiting: (holder) => terminal.note(`mailonce: ${account.maildrop}: waiting for ${holder}`),
  };
}
