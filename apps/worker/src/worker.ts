import { setTimeout as delay } from "node:timers/promises";
import type { MessageStore, Spool } from "@mailonce/core";
import {
  type AccountReport,
  type Environment,
  EXIT,
  type ExitCode,
  FileSpool,
  failureOf,
  fetchAccount,
  openDatabase,
} from "@mailonce/runtime";
import { readSettings, type Settings, type WorkerAccount } from "./settings.ts";
import { Turns } from "./turns.ts";

/** Takes one line of what the worker has to tell. */
export type Tell = (line: string) => void;

/**
 * Fetches the accounts that the environment names, each at its interval, until SIGTERM or SIGINT: then the runs under
 * way are ended, what is committed is kept, and it resolves to 0. A second signal ends the process at once. Resolves
 * to another exit code if it cannot begin.
 */
export async function runWorker(env: Environment, write: Tell): Promise<ExitCode> {
  const tell: Tell = (line) => write(`${new Date().toISOString()} ${line}`);
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    tell(`${signal}: ending`);
    stop.abort();
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
  try {
    const settings = await readSettings(env);
    const store = await openDatabase(settings.database, env);
    try {
      await using spool = new FileSpool();
      tell(
        `started: ${settings.accounts.length} accounts, every ${settings.intervalMs / 1000} s, into ${store.describe()}`,
      );
      const turns = new Turns(settings.concurrency);
      const serve = (one: WorkerAccount): Promise<void> =>
        serveAccount(one, { settings, store, spool, turns, tell, signal: stop.signal });
      await Promise.all(settings.accounts.map(serve));
      tell(stop.signal.aborted ? "ended" : "ended: no account is left that can be fetched");
      return stop.signal.aborted ? EXIT.done : EXIT.noPermission;
    } finally {
      await store[Symbol.asyncDispose]();
    }
  } catch (error) {
    const { message, exitCode } = failureOf(error);
    tell(message);
    return exitCode;
  } finally {
    process.removeListener("SIGTERM", onSignal).removeListener("SIGINT", onSignal);
  }
}

interface Surroundings {
  readonly settings: Settings;
  readonly store: MessageStore;
  readonly spool: Spool;
  readonly turns: Turns;
  readonly tell: Tell;
  readonly signal: AbortSignal;
}

async function serveAccount({ account, password }: WorkerAccount, around: Surroundings): Promise<void> {
  const { settings, store, spool, turns, tell, signal } = around;
  while (!signal.aborted) {
    const report = await turns.take(async () => {
      if (signal.aborted) return null;
      const tls = settings.ca === null ? {} : { tls: { ca: settings.ca } };
      const credentials = { user: account.user, password };
      const run = fetchAccount({ account, credentials, store, spool, signal, ...tls });
      for await (const _outcome of run);
      return run.report;
    });
    if (report === null || signal.aborted) return;
    for (const line of sentences(report)) tell(`${account.maildrop}: ${line}`);
    if (report.exitCode === EXIT.noPermission) {
      // A wrong password stays wrong, and servers lock out who tries it again and again.
      tell(`${account.maildrop}: not fetched any more until the worker is started again`);
      return;
    }
    await delay(settings.intervalMs, undefined, { signal }).catch(() => {});
  }
}

function sentences({ counts, warnings, error, exitCode }: AccountReport): readonly string[] {
  // Another worker, or a person, is at it: nothing is wrong, and nothing was done.
  if (exitCode === EXIT.busy && error?.code === "in-use-here")
    return [`in use, tried again after the interval: ${error.message}`];
  const parts = [`${counts.stored} stored`, `${counts.known} known`];
  if (counts.rebound > 0) parts.push(`${counts.rebound} known under another unique-id`);
  if (counts.deferred > 0) parts.push(`${counts.deferred} deferred`);
  if (counts.failed > 0) parts.push(`${counts.failed} failed`);
  return [
    parts.join(", "),
    ...warnings.map(({ message }) => `warning: ${message}`),
    ...(error === null ? [] : [`error: ${error.message}`]),
  ];
}
