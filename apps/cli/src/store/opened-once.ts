import { openExistingDatabase, type Store } from "@mailonce/runtime";
import { inspectDatabase, type StoreInspection } from "@mailonce/runtime/doctor";

/** The database of a command, which is inspected, and opened, only when that is first asked for, and only once. */
export class OpenedOnce implements AsyncDisposable {
  readonly place: string;
  readonly #url: string;
  readonly #env: NodeJS.ProcessEnv;
  #opened: Promise<Store | null> | null = null;
  #inspected: Promise<StoreInspection> | null = null;

  constructor(url: string, env: NodeJS.ProcessEnv) {
    // A database's URL may hold its password.
    this.place = url.replace(/^([a-z]+:\/\/)[^/]*@/i, "$1").replace(/\?.*$/s, "");
    this.#url = url;
    this.#env = env;
  }

  inspect = (): Promise<StoreInspection> => {
    this.#inspected ??= inspectDatabase(this.#url, this.#env);
    return this.#inspected;
  };

  open = (): Promise<Store | null> => {
    this.#opened ??= openExistingDatabase(this.#url, this.#env);
    return this.#opened;
  };

  async [Symbol.asyncDispose](): Promise<void> {
    const store = await this.#opened?.catch(() => null);
    await store?.[Symbol.asyncDispose]();
  }
}
