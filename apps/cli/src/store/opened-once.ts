import { openExistingDatabase } from "@mailonce/runtime";
import type { StoreInspection } from "@mailonce/runtime/doctor";
import { inspectDatabase } from "@mailonce/runtime/doctor";
import type { ExistingStore } from "./open-store.ts";

/** The database of a command, which is inspected, and opened, only when that is first asked for, and only once. */
export class OpenedOnce implements AsyncDisposable {
  readonly place: string;
  readonly #open: () => Promise<ExistingStore>;
  readonly #inspect: () => Promise<StoreInspection>;
  #opened: Promise<ExistingStore> | null = null;
  #inspected: Promise<StoreInspection> | null = null;

  constructor(url: string, env: NodeJS.ProcessEnv) {
    // A database's URL may hold its password.
    this.place = url.replace(/^([a-z]+:\/\/)[^/]*@/i, "$1").replace(/\?.*$/s, "");
    this.#open = () => openExistingDatabase(url, env);
    this.#inspect = () => inspectDatabase(url, env);
  }

  inspect = (): Promise<StoreInspection> => {
    this.#inspected ??= this.#inspect();
    return this.#inspected;
  };

  open = (): Promise<ExistingStore> => {
    this.#opened ??= this.#open();
    return this.#opened;
  };

  async [Symbol.asyncDispose](): Promise<void> {
    const store = await this.#opened?.catch(() => null);
    await store?.[Symbol.asyncDispose]();
  }
}
