import { type AccountOptions, connectEarly } from "@mailonce/runtime";
import type { AccountSettings } from "@mailonce/runtime/config";

type OptionsOf = (settings: AccountSettings) => Promise<AccountOptions>;

/** Connections to the servers of the accounts that are run first, made while the database is opened. */
export class EarlyConnections implements Disposable {
  readonly #options = new Map<AccountSettings, Promise<AccountOptions>>();

  /** Begins to connect for each account of which it is known, without the database and without a command, how it logs in. */
  constructor(accounts: readonly AccountSettings[], optionsOf: OptionsOf) {
    for (const settings of accounts) {
      if (!isReady(settings)) continue;
      const options = this.#connect(settings, optionsOf);
      // The run gets the error.
      options.catch(() => undefined);
      this.#options.set(settings, options);
    }
  }

  /** What the account's run takes, with the connection in it; undefined if none was begun. @throws what `optionsOf` throws */
  optionsOf(settings: AccountSettings): Promise<AccountOptions> | undefined {
    return this.#options.get(settings);
  }

  /** Ends the account's connection, if no session has taken it. */
  close(settings: AccountSettings): void {
    const ended = ({ early }: AccountOptions): void => early?.close();
    this.#options.get(settings)?.then(ended, () => undefined);
  }

  /** Ends all that no session has taken. */
  [Symbol.dispose](): void {
    for (const settings of this.#options.keys()) this.close(settings);
  }

  async #connect(settings: AccountSettings, optionsOf: OptionsOf): Promise<AccountOptions> {
    const options = await optionsOf(settings);
    return { ...options, early: connectEarly(settings.account, options) };
  }
}

/** A command may ask a person for something, and tokens are in the database: a server does not wait for these. */
function isReady({ login }: AccountSettings): boolean {
  return login.kind === "ask" || (login.kind === "password" && login.source.kind !== "command");
}
