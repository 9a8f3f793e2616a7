import {
  BackgroundIndexer,
  databaseUrl,
  FailureError,
  FileSpool,
  failureOf,
  openDatabase,
  type Store,
} from "@mailonce/runtime";
import type { Configuration, Environment } from "@mailonce/runtime/config";
import { configurationSource } from "../accounts/configuration-source.ts";
import { type Logger, makeLog, type WriteLine } from "../log/log.ts";
import { EXIT } from "../process/exit-code.ts";
import { openQueue } from "../queue/open-queue.ts";
import { traceRuns } from "../status/tracing.ts";
import { Worker } from "./worker.ts";

/** How often it is looked whether there is something to index. */
const INDEX_MS = 5000;
/** So the reader of messages takes half a processor at most. */
const INDEX_REST = 1;

/** What a worker is started with. */
export interface WorkerStart {
  readonly env: Environment;
  /** `--config FILE` */
  readonly config?: string | undefined;
  readonly write: WriteLine;
  /** Aborted when nobody reads the output any more. */
  readonly outputClosed: AbortSignal;
  /** Whether the output is a terminal. */
  readonly isTerminal: boolean;
}

/**
 * Fetches the accounts that file, environment or database name, each when it is due, until SIGTERM or SIGINT: then the
 * runs under way may end for a while, are broken off after that (what is committed is kept), and it resolves to 0. A
 * second signal ends the process at once. It ends in the same way, with 130, when nobody reads its log any more.
 * Resolves to another exit code if it cannot work.
 */
export async function runWorker(start: WorkerStart): Promise<number> {
  const { env, config, write, outputClosed, isTerminal } = start;
  const level = env["MAILONCE_LOG_LEVEL"] || "info";
  const format = env["MAILONCE_LOG_FORMAT"] ?? (isTerminal ? "text" : "json");
  const log = makeLog(write, format === "text" ? "text" : "json", isLevel(level) ? level : "info");
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    log.info({ signal }, `${signal}: ending`);
    stop.abort();
  };
  // SIGHUP has a listener from the start to the end: without one it would end the process.
  let started: Worker | null = null;
  const early = new AbortController();
  const onHangUp = (): void => {
    if (started === null) early.abort();
    else started.reload("SIGHUP");
  };
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal).on("SIGHUP", onHangUp);
  const ending = AbortSignal.any([stop.signal, outputClosed]);
  try {
    if (!isLevel(level)) throw wrong("MAILONCE_LOG_LEVEL must be debug, info, warn, error or fatal");
    const source = await configurationSource(env, config);
    const configuration = await source.read();
    await using store = await openDatabase(databaseUrl(env, undefined, configuration), env, (file) =>
      log.info({ database: file }, `new database ${file}`),
    );
    await using spool = new FileSpool();
    const tracing = await traceRuns();
    const queue = await openQueue(configuration, env, log);
    await using worker = new Worker({ source, configuration, queue, store, spool, env, log, tracing });
    await using _indexer = indexInBackground(configuration, store, log);
    const ended = new Promise<void>((resolve) => {
      if (ending.aborted) resolve();
      ending.addEventListener("abort", () => resolve());
    });
    await Promise.race([worker.start(), ended]);
    started = worker;
    if (early.signal.aborted) worker.reload("SIGHUP");
    await ended;
    await worker.end();
    log.info("ended");
    return stop.signal.aborted ? EXIT.done : EXIT.interrupted;
  } catch (error) {
    const { code, message, kind } = failureOf(error);
    const exitCode = EXIT[kind];
    log.fatal({ code, exitCode }, message);
    return exitCode;
  } finally {
    // SIGHUP keeps its listener, so that the process does not die of it in its last moments.
    process.removeListener("SIGTERM", onSignal).removeListener("SIGINT", onSignal);
  }
}

/** Indexes what the accounts' runs store, in turns with other workers of this database. Null if nobody wants that. */
function indexInBackground({ content }: Configuration, store: Store, log: Logger): BackgroundIndexer | null {
  if (content === null) return null;
  return new BackgroundIndexer({
    store,
    settings: content,
    everyMs: INDEX_MS,
    rest: INDEX_REST,
    onBroken: (reason) =>
      log.warn({ reason }, `what is in the messages cannot be indexed any more: ${reason}; fetching goes on`),
  });
}

function isLevel(level: string): boolean {
  return ["debug", "info", "warn", "error", "fatal"].includes(level);
}

function wrong(message: string): FailureError {
  return new FailureError("configuration", message, "config");
}
