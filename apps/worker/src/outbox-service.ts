import { failureOf, type OutboxDeliverer } from "@mailonce/runtime";
import type { Logger } from "./log.ts";

/** How often the outbox is looked at although nobody says that something is in it: for retries, and for the dead. */
const LOOK_MS = 5000;

/** Delivers the outbox as soon as something is in it, and again and again. */
export class OutboxService {
  readonly #deliverer: OutboxDeliverer;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #underWay: Promise<void> | null = null;
  #again = false;
  #over = false;

  constructor(deliverer: OutboxDeliverer, log: Logger) {
    this.#deliverer = deliverer;
    this.#log = log;
    this.#timer = setInterval(() => this.kick(), LOOK_MS);
    this.kick();
  }

  /** Something may be due. */
  kick(): void {
    this.#again = true;
    if (this.#over) return;
    this.#underWay ??= this.#deliver().finally(() => {
      this.#underWay = null;
    });
  }

  /** Begins nothing more; resolves when what is under way has ended. */
  async end(): Promise<void> {
    this.#over = true;
    clearInterval(this.#timer);
    await this.#underWay;
  }

  async #deliver(): Promise<void> {
    while (this.#again && !this.#over) {
      this.#again = false;
      try {
        await this.#deliverer.deliverDue();
      } catch (error) {
        const { code, message } = failureOf(error);
        if (code !== "interrupted") this.#log.warn({ code }, `outbox: ${message}`);
      }
    }
  }
}
