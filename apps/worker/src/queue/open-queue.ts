import type { Configuration, Environment } from "@mailonce/runtime/config";
import { type RunLimits, type RunQueue, TimerQueue } from "@mailonce/runtime/service";
import type { Logger } from "../log/log.ts";

/** Opens the queue that the configuration asks for. BullMQ is loaded only if that is one in Redis. */
export async function openQueue(
  configuration: Configuration,
  env: Environment,
  log: Logger,
): Promise<RunQueue> {
  const { queue } = configuration.worker;
  const limits = limitsOf(configuration);
  if (queue === null) return new TimerQueue(limits);
  const { BullQueue } = await import("./bull-queue.ts");
  return new BullQueue(queue, limits, log, undefined, { password: env["MAILONCE_QUEUE_PASSWORD"] });
}

/** How many runs one worker makes at the same time. */
export function limitsOf({ concurrency, worker }: Configuration): RunLimits {
  return { all: concurrency, perHost: worker.perHost };
}
