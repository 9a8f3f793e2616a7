import type { Messages } from "@mailonce/core";
import type { HookSettings } from "../account/settings.ts";
import { text } from "../failure/error-properties.ts";
import { readSecret } from "../secret/secret.ts";
import { ChildSignal } from "../system/child-signal.ts";
import { type Clock, systemClock } from "../system/clock.ts";
import type { Environment } from "../system/environment.ts";
import { deliveryBackOff } from "./back-off.ts";
import { type Delivery, DeliveryError } from "./delivery.ts";
import { deliverToProgram } from "./exec.ts";
import { type IncludedContent, IncludedContents, LONGEST_READ_MS } from "./included-content.ts";
import type { Outbox, OutboxEntry, OutboxResult } from "./outbox.ts";
import { HookQueues } from "./queue.ts";
import { deliverToWebhook } from "./webhook.ts";

export interface OutboxDelivererParts {
  readonly store: Pick<Messages, "findMessages" | "content"> & {
    readonly outbox: Pick<Outbox, "claim" | "settle" | "release">;
  };
  /** The hook of this name of the maildrop's account, as it is configured now; null if there is none. */
  readonly hook: (maildrop: string, name: string) => HookSettings | null;
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** Called after each attempt. */
  readonly onAttempt?: (entry: OutboxEntry, result: OutboxResult) => void;
  /** Lanes (a maildrop's deliveries to one hook) at the same time. Default 4. */
  readonly lanes?: number;
  /** The longest that an attempt of any hook may take ({@link longestTimeoutMs}), in milliseconds. */
  readonly longestMs?: () => number;
  readonly clock?: Clock;
  /** The module that reads messages for hooks; tests have their own. */
  readonly readingProgram?: URL;
}

/**
 * What is missing on this side is looked for again after so many milliseconds, for as long as it takes: nobody was told
 * anything, so nothing is given up. By the failure's code: a hook that nobody configures any more, a package that is not
 * installed, a hook's secret.
 */
const MISSING_PAUSE_MS: Readonly<Record<string, number>> = {
  "no-hook": 10 * 60_000,
  "missing-package": 10 * 60_000,
  secret: 60_000,
};
/** If a deliverer dies, its lane is free again so long after its attempts must have ended. */
const CLAIM_MS = 10_000;
/** The time limit for putting a job into a queue. */
const QUEUE_TIMEOUT_MS = 10_000;

/**
 * Delivers what is in the outbox: at least once, each lane in the order of its messages, any number of deliverers at
 * once. A failed attempt holds its lane up until it succeeds or is given up.
 */
export class OutboxDeliverer implements AsyncDisposable {
  readonly #parts: OutboxDelivererParts;
  readonly #clock: Clock;
  readonly #queues = new HookQueues();
  readonly #contents: IncludedContents;

  constructor(parts: OutboxDelivererParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    this.#contents = new IncludedContents(parts.readingProgram);
  }

  /**
   * Delivers all that is due, until nothing is. Resolves to the number of attempts that succeeded and that failed.
   * @throws the store's errors, the signal's reason
   */
  async deliverDue(): Promise<{ readonly delivered: number; readonly failed: number }> {
    const count = { delivered: 0, failed: 0 };
    const lane = async (): Promise<void> => {
      for (;;) {
        this.#parts.signal.throwIfAborted();
        const now = this.#clock.now();
        const claimMs = CLAIM_MS + (this.#parts.longestMs?.() ?? CLAIM_MS);
        const entries = await this.#parts.store.outbox.claim(new Date(now), claimMs);
        if (entries.length === 0) return;
        await this.#deliverLane(entries, now + claimMs, count);
      }
    };
    const lanes = Array.from({ length: this.#parts.lanes ?? 4 }, lane);
    const results = await Promise.allSettled(lanes);
    for (const result of results) if (result.status === "rejected") throw result.reason;
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queues[Symbol.asyncDispose]();
    await this.#contents[Symbol.asyncDispose]();
  }

  async #deliverLane(
    entries: readonly OutboxEntry[],
    until: number,
    count: { delivered: number; failed: number },
  ): Promise<void> {
    const { outbox } = this.#parts.store;
    let done = 0;
    try {
      for (const entry of entries) {
        const hook = this.#parts.hook(entry.maildrop, entry.hook);
        // The claim must outlast the attempt.
        const limit = hook === null ? QUEUE_TIMEOUT_MS : longestAttemptMs(hook);
        if (done > 0 && this.#clock.now() + limit > until) break;
        const result = await this.#attempt(entry, hook);
        await outbox.settle(entry, result);
        done++;
        this.#parts.onAttempt?.(entry, result);
        if (result.state === "delivered") count.delivered++;
        else count.failed++;
        if (result.state === "pending") break;
      }
    } finally {
      // A database that fails now gives them back by itself when the claim is over.
      await outbox.release(entries.slice(done), new Date(this.#clock.now())).catch(() => {});
    }
  }

  async #attempt(entry: OutboxEntry, hook: HookSettings | null): Promise<OutboxResult> {
    try {
      if (hook === null)
        throw new DeliveryError("no-hook", `no hook ${entry.hook} is configured for this account`);
      await this.#deliver(await this.#delivery(entry, hook), hook);
      return { state: "delivered", at: new Date(this.#clock.now()) };
    } catch (error) {
      this.#parts.signal.throwIfAborted();
      return this.#failed(entry, error);
    }
  }

  async #deliver(delivery: Delivery, hook: HookSettings): Promise<void> {
    const { env } = this.#parts;
    using child = new ChildSignal(this.#parts.signal);
    const { signal } = child;
    if (hook.kind === "webhook") {
      const what = `the secret of the hook ${hook.name}`;
      const secret = hook.secret === null ? null : await readSecret(hook.secret, what, { env, signal });
      await deliverToWebhook(delivery, { url: hook.url, secret, timeoutMs: hook.timeoutMs, signal });
    } else if (hook.kind === "exec")
      await deliverToProgram(delivery, { command: hook.command, timeoutMs: hook.timeoutMs, env, signal });
    else await this.#queues.deliver(delivery, { ...hook, timeoutMs: QUEUE_TIMEOUT_MS });
  }

  async #delivery(entry: OutboxEntry, { include }: HookSettings): Promise<Delivery> {
    const { store } = this.#parts;
    const [message] = await store.findMessages(entry.messageId);
    if (message === undefined)
      throw new DeliveryError("no-message", "the message is no longer stored", { isFinal: true });
    const content = (): AsyncIterable<Uint8Array> => store.content(message.id);
    let included: IncludedContent | null = null;
    if (include !== undefined) included = await this.#contents.read(content(), include, this.#parts.signal);
    return { entry, message, content, included };
  }

  #failed(entry: OutboxEntry, error: unknown): OutboxResult {
    const { code, message } = reasonOf(error);
    const { retryAfterMs, isFinal } =
      error instanceof DeliveryError ? error : { retryAfterMs: null, isFinal: false };
    const reason = { code, message };
    const now = this.#clock.now();
    const missingMs = MISSING_PAUSE_MS[code];
    if (missingMs !== undefined)
      return { state: "pending", due: new Date(now + missingMs), reason, isAttempt: false };
    const backOff = deliveryBackOff(entry.attempts + 1, this.#clock.random());
    if (isFinal || backOff === null) return { state: "dead", due: null, reason };
    const due = new Date(now + Math.max(backOff, retryAfterMs ?? 0));
    return { state: "pending", due, reason };
  }
}

/** The longest that an attempt of one of these hooks may take, in milliseconds. */
export function longestTimeoutMs(hooks: readonly HookSettings[]): number {
  return hooks.reduce((most, hook) => Math.max(most, longestAttemptMs(hook)), 0);
}

function longestAttemptMs(hook: HookSettings): number {
  const timeoutMs = hook.kind === "queue" ? QUEUE_TIMEOUT_MS : hook.timeoutMs;
  return timeoutMs + (hook.include === undefined ? 0 : LONGEST_READ_MS);
}

function reasonOf(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error))
    return { code: "internal", message: "something that is no error was thrown" };
  return { code: text(error, "code") || "internal", message: error.message };
}
