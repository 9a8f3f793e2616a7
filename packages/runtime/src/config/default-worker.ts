import type { WorkerSettings } from "../account/settings.ts";

/** The worker's settings where the accounts file has none. */
export const DEFAULT_WORKER: WorkerSettings = {
  queue: null,
  listen: null,
  perHost: 4,
  shutdownMs: 30_000,
  keepDeliveredMs: 14 * 86_400_000,
};
