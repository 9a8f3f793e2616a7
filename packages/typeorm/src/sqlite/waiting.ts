import { setTimeout as delay } from "node:timers/promises";
import { MailonceError } from "@mailonce/core";
import { isBusy } from "./errors.ts";

/**
 * What a transaction's work resolves to, if it waits for nothing but its own statements.
 *
 * @throws MailonceError (`store-misused`) otherwise: before the event loop goes on, so nobody else has run yet
 */
export function withoutWaiting<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    work.then(resolve, reject).finally(() => {
      isOver = true;
    });
    // Called when no promise is left that could go on by itself.
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
    // Not all at the same instant: two processes that wait in step would meet again and again.
    await delay(pauseMs * (0.5 + Math.random()));
  }
}
