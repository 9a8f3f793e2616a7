import { failureOf } from "@mailonce/runtime";
import {
  type AccountSettings,
  type Environment,
  type HookSettings,
  readSecret,
} from "@mailonce/runtime/config";
import type { OutboxEntry, OutboxResult } from "@mailonce/runtime/service";
import type { Logger } from "./log.ts";

/** A hook whose secret cannot be read. */
interface Missing {
  readonly maildrop: string;
  readonly hook: HookSettings;
}

/** Says in the log which hooks fail, which deliver again, and which have no secret although they should. */
export class HookLog {
  readonly #log: Logger;
  readonly #env: Environment;
  /** The hooks of accounts to which the last attempt of this worker failed. */
  readonly #failing = new Set<string>();
  #missing: readonly Missing[] = [];

  constructor(log: Logger, env: Environment) {
    this.#log = log;
    this.#env = env;
  }

  /** How many hooks have a secret that cannot be read. */
  get withoutSecret(): number {
    return this.#missing.length;
  }

  /** Takes the result of an attempt to deliver. */
  attempted({ maildrop, hook, messageId, attempts, reason }: OutboxEntry, result: OutboxResult): void {
    const fields = { maildrop, hook, messageId };
    const lane = `${maildrop} ${hook}`;
    if (result.state === "delivered") {
      const isWellAgain = this.#failing.delete(lane) || attempts > 0 || reason !== null;
      if (isWellAgain) this.#log.info(fields, `hook ${hook}: delivers again`);
      this.#log.debug(fields, `told ${hook}`);
      return;
    }
    this.#failing.add(lane);
    const { code, message } = result.reason;
    const level = result.state === "dead" ? "error" : "warn";
    const end = result.state === "dead" ? "; given up: 'mailonce outbox retry'" : "";
    this.#log[level]({ ...fields, code }, `hook ${hook}: ${message}${end}`);
  }

  /** Reads the secrets of the hooks of all accounts that are served, except for secrets that a command gives. */
  async check(accounts: Iterable<AccountSettings>): Promise<void> {
    const all: Missing[] = [];
    for (const { account, hooks } of accounts)
      for (const hook of hooks) all.push({ maildrop: account.maildrop, hook });
    await this.#look(all);
  }

  /** Reads those secrets again that were missing. */
  async checkAgain(): Promise<void> {
    if (this.#missing.length > 0) await this.#look(this.#missing);
  }

  async #look(all: readonly Missing[]): Promise<void> {
    const before = new Set(this.#missing.map(keyOf));
    const missing: Missing[] = [];
    for (const one of all) {
      const { maildrop, hook } = one;
      const problem = await this.#problem(hook);
      if (problem !== null) missing.push(one);
      if ((problem !== null) === before.has(keyOf(one))) continue;
      if (problem === null)
        this.#log.info({ maildrop, hook: hook.name }, `hook ${hook.name}: its secret is there`);
      else
        this.#log.error(
          { maildrop, hook: hook.name, code: "secret" },
          `hook ${hook.name}: ${problem}; its deliveries wait`,
        );
    }
    this.#missing = missing;
  }

  /** Why the hook's secret cannot be read; null if it can, or there is none. */
  async #problem(hook: HookSettings): Promise<string | null> {
    if (hook.kind !== "webhook" || hook.secret === null || hook.secret.kind === "command") return null;
    try {
      await readSecret(hook.secret, `the secret of the hook ${hook.name}`, { env: this.#env });
      return null;
    } catch (error) {
      return failureOf(error).message;
    }
  }
}

function keyOf({ maildrop, hook }: Missing): string {
  return `${maildrop} ${hook.name}`;
}
