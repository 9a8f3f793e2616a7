import { type AccountOptions, accountOptions, reachServer } from "@mailonce/runtime";
import type { AccountSettings, Configuration } from "@mailonce/runtime/config";
import type { AccountTokens, Tokens } from "@mailonce/runtime/oauth2";
import type { Invocation } from "../input/invocation.ts";
import { Passwords } from "../input/passwords.ts";
import { wireLog } from "../output/wire-log.ts";
import { accountTokens } from "./account-tokens.ts";
import type { MailOptions } from "./mail-options.ts";

export interface AccountConnectionsParts {
  readonly invocation: Invocation;
  readonly signal: AbortSignal;
  readonly configuration: Configuration | null;
  readonly options: Pick<MailOptions, "passwordStdin" | "verbose">;
}

/** How an account of a command is logged in to. */
export interface AccountLogin {
  readonly tokens: AccountTokens;
  /** Has the password of an account that names no place for it. */
  readonly askPassword: () => string | Promise<string>;
  /** What begins each line of `--verbose` that is about the account; null: nothing. */
  readonly wireName?: string | null;
}

/** Makes the options by which a command connects and logs in to its accounts. */
export class AccountConnections {
  readonly passwords: Passwords;
  readonly #parts: AccountConnectionsParts;

  constructor(parts: AccountConnectionsParts) {
    const { invocation, signal, options } = parts;
    this.passwords = new Passwords(invocation, { signal, passwordStdin: options.passwordStdin === true });
    this.#parts = parts;
  }

  /**
   * The password of an account that names no place for it. Before a person is asked for it, the server has answered.
   * @throws FailureError if there is no password to be had, and what reachServer throws
   */
  async password(settings: AccountSettings): Promise<string> {
    if (this.passwords.willAsk)
      await reachServer(settings.account, await accountOptions(settings, this.#surroundings(settings)));
    return this.passwords.of(settings.account.maildrop);
  }

  /** The tokens of one account, whose name begins each line that people are told of them. */
  tokens(settings: AccountSettings, tokens: Tokens | null): AccountTokens {
    const { invocation, signal, configuration } = this.#parts;
    return accountTokens(invocation, signal, configuration, tokens, this.#surroundings(settings).tell);
  }

  /** @throws FailureError (`config`) as accountOptions does */
  options(
    settings: AccountSettings,
    { tokens, askPassword, wireName = null }: AccountLogin,
  ): Promise<AccountOptions> {
    const { invocation, options } = this.#parts;
    return accountOptions(settings, {
      ...this.#surroundings(settings),
      askPassword,
      isTyped: this.passwords.areTyped,
      onWire: options.verbose ? wireLog(invocation.terminal, wireName) : undefined,
      tokens: tokens.of,
    });
  }

  #surroundings({ name }: AccountSettings) {
    const { invocation, signal } = this.#parts;
    const tell = (line: string): void => invocation.terminal.note(`mailonce: ${name}: ${line}`);
    return { env: invocation.env, signal, tell };
  }
}
