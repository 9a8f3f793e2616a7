import { databaseUrl, failureOf } from "@mailonce/runtime";
import type { AccountSettings, Configuration, Environment, HookSettings } from "@mailonce/runtime/config";
import {
  type AccountChanges,
  type AccountService,
  type Accounts,
  accountChanges,
  allAccounts,
  heldBack,
  longestTimeoutMs,
  type RunQueue,
} from "@mailonce/runtime/service";
import type { Logger } from "../log/log.ts";
import { limitsOf } from "../queue/open-queue.ts";
import { namesInWords } from "../text/words.ts";
import type { ConfigurationSource } from "./configuration-source.ts";

export interface ServedAccountsParts {
  readonly source: ConfigurationSource;
  /** The configuration with which the worker was started. */
  readonly configuration: Configuration;
  readonly accounts: Pick<Accounts, "list" | "version">;
  readonly service: Pick<AccountService, "serve" | "drop" | "firstDue">;
  readonly queue: RunQueue;
  readonly env: Environment;
  readonly log: Logger;
  /** Called when other accounts are served than before. */
  readonly onChange: (accounts: ReadonlyMap<string, AccountSettings>) => Promise<void>;
}

/** What somebody should put right in the configuration. */
export interface ConfigurationState {
  /** True if the accounts file cannot be read as it is now: what was read before holds. */
  readonly isRejected: boolean;
  /** Fields that have changed since the start, and whose new values hold from the next start on. */
  readonly heldBack: readonly string[];
  /** How many accounts of the database have settings that cannot be understood. */
  readonly unreadable: number;
}

/** The accounts that are served, kept up to date: those of the file and of the database that have a schedule. */
export class ServedAccounts {
  readonly #parts: ServedAccountsParts;
  #configuration: Configuration;
  #accounts: ReadonlyMap<string, AccountSettings> = new Map();
  /** The version of the database's accounts that was read last. */
  #version = "";
  #longestHookMs = 0;
  #isRejected = false;
  #heldBack: readonly string[] = [];
  #unreadable = 0;

  constructor(parts: ServedAccountsParts) {
    this.#parts = parts;
    this.#configuration = parts.configuration;
  }

  get configuration(): Configuration {
    return this.#configuration;
  }

  /** The accounts that are served, by the names of their maildrops. */
  get all(): ReadonlyMap<string, AccountSettings> {
    return this.#accounts;
  }

  get state(): ConfigurationState {
    return { isRejected: this.#isRejected, heldBack: this.#heldBack, unreadable: this.#unreadable };
  }

  /** The longest time that a delivery to any hook may take, in ms. */
  get longestHookMs(): number {
    return this.#longestHookMs;
  }

  hook(maildrop: string, name: string): HookSettings | null {
    return this.#accounts.get(maildrop)?.hooks.find((hook) => hook.name === name) ?? null;
  }

  /** Serves the accounts of the configuration with which the worker was started. @throws the store's errors */
  async begin(): Promise<void> {
    await this.#serve();
  }

  /** Reads the configuration again and serves its accounts. If it cannot be read, nothing changes. Does not throw. */
  async reload(why: string): Promise<void> {
    const { source, log, configuration: started, env } = this.#parts;
    const before = this.#configuration;
    let isRead = false;
    try {
      this.#configuration = await source.read();
      isRead = true;
      this.#isRejected = false;
      this.#heldBack = heldBack(started, this.#configuration, (one) => databaseUrl(env, undefined, one));
      const changes = await this.#serve();
      log.info(
        { accounts: this.#accounts.size, ...countsOf(changes) },
        `configuration read again: ${why}; ${inWords(changes)}`,
      );
    } catch (error) {
      const { code, message } = failureOf(error);
      // It was read, but not served: the next look serves it.
      if (isRead) this.#version = "";
      else {
        this.#isRejected = true;
        this.#configuration = before;
      }
      log.error(
        { code },
        isRead ? `configuration not served yet: ${message}` : `configuration not changed: ${message}`,
      );
    }
    if (isRead && this.#heldBack.length > 0)
      log.warn(
        { fields: this.#heldBack },
        `${this.#heldBack.join(", ")}: changed, and not from now on but from the worker's next start on`,
      );
  }

  /** Serves the database's accounts again if programs have changed them. @throws the store's errors */
  async look(): Promise<void> {
    const { accounts, log } = this.#parts;
    if ((await accounts.version()) === this.#version) return;
    const changes = await this.#serve();
    const fields = { accounts: this.#accounts.size, ...countsOf(changes) };
    log.info(fields, `accounts read again: ${inWords(changes)}`);
  }

  /** Tells the queue again when each account is due. @throws the store's errors */
  async planAgain(): Promise<void> {
    await this.#plan([...this.#accounts.values()]);
  }

  async #serve(): Promise<AccountChanges> {
    const { accounts: stored, service, queue, log, onChange } = this.#parts;
    const version = await stored.version();
    const { accounts, problems } = await allAccounts(this.#configuration, await stored.list());
    for (const problem of problems) log.error(problem);
    this.#unreadable = problems.length;
    const wanted = accounts.filter(({ schedule }) => schedule !== undefined);
    const changes = accountChanges(this.#accounts, wanted);
    const put = [...changes.added, ...changes.changed];
    queue.limit(limitsOf(this.#configuration));
    for (const maildrop of changes.removed) {
      service.drop(maildrop);
      await queue.remove(maildrop);
    }
    for (const settings of put) service.serve(settings);
    this.#longestHookMs = longestTimeoutMs(wanted.flatMap(({ hooks }) => hooks));
    const before = this.#accounts;
    this.#accounts = new Map(wanted.map((settings) => [settings.account.maildrop, settings]));
    try {
      await this.#plan(put);
    } catch (error) {
      // Otherwise they would be taken to be served, and never be planned.
      this.#accounts = before;
      throw error;
    }
    await onChange(this.#accounts);
    this.#version = version;
    return changes;
  }

  /** Tells the queue when these accounts are due. */
  async #plan(put: readonly AccountSettings[]): Promise<void> {
    if (put.length === 0) return;
    const { service, queue } = this.#parts;
    const due = await service.firstDue(put.map(({ account }) => account.maildrop));
    for (const { account, schedule } of put) {
      const { maildrop, host } = account;
      const everyMs = schedule?.kind === "interval" ? schedule.ms : 3_600_000;
      await queue.put({ name: maildrop, host, due: due.get(maildrop) ?? 0, everyMs });
    }
  }
}

function countsOf({ added, changed, removed }: AccountChanges) {
  return { added: added.length, changed: changed.length, removed: removed.length };
}

/** `added ann, ben; removed carl` */
function inWords({ added, changed, removed }: AccountChanges): string {
  const maildrops = (all: readonly AccountSettings[]) => all.map(({ account }) => account.maildrop);
  const parts = [
    ["added", maildrops(added)],
    ["changed", maildrops(changed)],
    ["removed", removed],
  ] as const;
  const told = parts.flatMap(([what, names]) =>
    names.length === 0 ? [] : [`${what} ${namesInWords(names)}`],
  );
  return told.length === 0 ? "no account is other than before" : told.join("; ");
}
