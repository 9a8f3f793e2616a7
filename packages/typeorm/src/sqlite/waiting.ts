import { setTimeout as delay } from "node:timers/promises";
import { MailonceError } from "@mailonce/core";
import { isBusy } from "./errors.ts";

/**
 * Resolves to what a transaction's work resolves to, if that waits for nothing but its own statements.
 *
 * @throws MailonceError (`store-misused`) otherwise, before the event loop goes on and any other code has run
 */
export function withoutWaiting<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    work.then(resolve, reject).finally(() => {
      isOver = true;
    });
    // This is called when no promise is left that can settle without the event loop.
    process.nextTick(() => {
      if (!isOver) reject(new MailonceError("store-misused", WAITED));
    });
  });
}

const WAITED =
  "The work of a transaction waited for something else than the store. In a program's own SQLite DataSource it must not: the program's statements would become a part of the transaction.";

/** Tries again while the file is busy, with short pauses; throws the busy error after `patienceMs`. */
export async function whileBusy<T>(statement: () => T, patienceMs: number): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 50)) {
    try {
      return statement();
    } catch (error) {
      if (!isBusy(error) || Date.now() >= deadline) throw error;
    }
    // A random part, because two processes that pause for the same time would meet again and again.
    await delay(pauseMs * (0.5 + Math.random()));
  }
}
