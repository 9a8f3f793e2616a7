import type { WorkerSettings } from "../account/settings.ts";

/** What holds where nothing is said. */
export const DEFAULT_WORKER: WorkerSettings = {
  queue: null,
  listen: null,
  perHost: 4,
  shutdownMs: 30_000,
  keepDeliveredMs: 14 * 86_400_000,
};
