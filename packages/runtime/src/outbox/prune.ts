import { type Clock, systemClock } from "../system/clock.ts";
import type { Outbox } from "./outbox.ts";

/**
 * Removes deliveries that were made longer ago than `keepMs` from the outbox, in small transactions, so that nobody who
 * stores or delivers waits long; resolves to their number. What waits or was given up stays.
 * @throws the store's errors, the signal's reason
 */
export async function pruneOutbox(
  outbox: Pick<Outbox, "prune">,
  keepMs: number,
  { signal, clock = systemClock }: { readonly signal: AbortSignal; readonly clock?: Clock },
): Promise<number> {
  const now = clock.now();
  const before = new Date(now - keepMs);
  // What was delivered so far in the time to come was written down by a clock that was wrong.
  const after = new Date(now + keepMs);
  for (let removed = 0; ; ) {
    signal.throwIfAborted();
    const some = await outbox.prune(before, after);
    if (some === 0) return removed;
    removed += some;
  }
}
