import type { Failure } from "@mailonce/runtime";
import { describeOwner, pauseCode, type StoredPause } from "@mailonce/runtime/service";
import { pausedInWords } from "../text/words.ts";
import type { Logger } from "./log.ts";

/** What the log says of that which comes about outside of this worker's runs. */
export function notices(log: Logger) {
  return {
    paused(maildrop: string, { code, reason }: StoredPause): void {
      const paused = pauseCode(code);
      const level = paused === "by-hand" ? "info" : "warn";
      log[level]({ maildrop, paused }, pausedInWords(maildrop, paused, reason));
    },
    resumed(maildrop: string): void {
      log.info({ maildrop }, "no longer paused");
    },
    stranger(owner: string): void {
      log.warn(
        `another worker (${describeOwner(owner)}) serves from this database, and not by the same queue: an account that both have is fetched by both, and logs in twice as often; end one of them, or give both the same worker.queue`,
      );
    },
    pruned(removed: number): void {
      log.info({ removed }, `outbox: ${removed} old deliveries removed`);
    },
    outboxFailed({ code, message }: Failure): void {
      log.warn({ code }, `outbox: ${message}`);
    },
  };
}
