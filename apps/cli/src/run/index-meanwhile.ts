import { BackgroundIndexer, type Store } from "@mailonce/runtime";
import { type Configuration, DEFAULT_CONFIGURATION } from "@mailonce/runtime/config";
import type { Terminal } from "../output/terminal.ts";

/** A fetch that takes less time does not begin to index: to start the reader costs a tenth of a second. */
const EVERY_MS = 2000;
/** So the reader takes a twentieth of a processor: a first fetch keeps all processors busy without it. */
const REST = 20;
/** Larger messages are left to the worker and to `mailonce index`: to hand one over takes memory and time from the fetch. */
const MOST_OCTETS = 32 * 1024 * 1024;
/** The message that is read when the fetch ends may take so large a part of the fetch's time, and is left to others after that. */
const GRACE = 0.1;

/**
 * Indexes what is stored while a fetch goes on, until it is disposed of: then it stops after the message that it reads, at once if the signal is aborted. What
 * is left is done the next time.
 */
export function indexMeanwhile(
  store: Store,
  configuration: Configuration | null,
  terminal: Terminal,
  signal: AbortSignal,
): AsyncDisposable {
  const settings = (configuration ?? DEFAULT_CONFIGURATION).content;
  if (settings === null) return { [Symbol.asyncDispose]: async () => {} };
  const began = performance.now();
  const indexer = new BackgroundIndexer({
    store,
    settings,
    everyMs: EVERY_MS,
    rest: REST,
    mostOctets: MOST_OCTETS,
    signal,
    onBroken: (reason) =>
      terminal.note(
        `mailonce: what is in the messages cannot be indexed (${reason}); the messages are stored. 'mailonce index' tries again.`,
      ),
  });
  return { [Symbol.asyncDispose]: () => indexer.stop(GRACE * (performance.now() - began)) };
}
