import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { optionalPackage } from "../failure/optional-package.ts";
import { type Delivery, DeliveryError, deliveryFacts } from "./delivery.ts";

/** An open queue and the connection that is its own. */
interface OpenQueue {
  readonly queue: Queue;
  readonly connection: Redis;
}

/** The BullMQ queues that hooks put their jobs into; opened at the first job, closed when disposed of. */
export class HookQueues implements AsyncDisposable {
  readonly #open = new Map<string, Promise<OpenQueue>>();

  /**
   * Adds a job `message.stored` whose data are the message's facts. Its id is the idempotency key: while the queue
   * remembers it, another attempt adds nothing.
   * @throws DeliveryError; FailureError (`missing-package`)
   */
  async deliver(
    delivery: Delivery,
    {
      url,
      queue: name,
      timeoutMs,
    }: { readonly url: string; readonly queue: string; readonly timeoutMs: number },
  ): Promise<void> {
    const key = `${url} ${name}`;
    const opening = this.#open.get(key) ?? open(url, name);
    this.#open.set(key, opening);
    // What could not be opened is not there to be closed.
    opening.catch(() => this.#open.delete(key));
    const { queue } = await opening;
    const facts = deliveryFacts(delivery);
    const added = queue.add(facts.type, facts, { jobId: facts.idempotencyKey });
    // It may still be added when Redis is back; the job's id sees to it that it is one job.
    added.catch(() => {});
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new DeliveryError("timeout", "Redis did not answer in time")),
        timeoutMs,
      );
    });
    try {
      await Promise.race([added, late]);
    } catch (error) {
      if (error instanceof DeliveryError) throw error;
      throw new DeliveryError("connection", "Redis did not take the job");
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await Promise.all(this.#open.values());
    this.#open.clear();
    for (const { queue, connection } of opened) {
      connection.disconnect();
      await queue.close().catch(() => {});
    }
  }
}

async function open(url: string, name: string): Promise<OpenQueue> {
  const purpose = "a hook that is a queue";
  const { Queue } = await optionalPackage("bullmq", purpose, () => import("bullmq"));
  const { Redis } = await optionalPackage("ioredis", purpose, () => import("ioredis"));
  const connection = new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: true });
  // Each job that cannot be added says so itself.
  connection.on("error", () => {});
  const queue = new Queue(name, { connection });
  queue.on("error", () => {});
  return { queue, connection };
}
