import type { Redis } from "ioredis";
import type { Logger } from "../log/log.ts";
import { connectRedis, isLoginRefusal, type RedisLogin } from "./redis-connection.ts";

/** A command that Redis has not answered by then has failed. */
const COMMAND_MS = 5000;
/** So long the first command waits for Redis; after that everything goes on without it. */
const FIRST_CONNECTION_MS = 3000;
const AWAY = "Redis cannot be reached";
const NO_LOGIN =
  "Redis refuses the login: check MAILONCE_QUEUE_PASSWORD, or user and password of worker.queue";

/**
 * The connection by which a queue tells Redis what is to be run, and whether Redis is there. A command fails at once while
 * Redis is away: what could not be told is told again when it is back.
 */
export class RedisLink {
  readonly client: Redis;
  /** False: Redis was not told all that it should know, or has forgotten it. */
  isComplete = false;
  readonly #log: Logger;
  readonly #firstConnection: Promise<unknown>;
  #trouble: string | null = "Redis was not reached yet";
  /** Why Redis closes the connection, as far as it has said. */
  #refusal: string | null = null;
  #isOver = false;

  /** `onReady` is called whenever Redis is there again. */
  constructor(url: string, login: RedisLogin, log: Logger, onReady: () => void) {
    this.#log = log;
    this.client = connectRedis(url, login, { maxRetriesPerRequest: 1, commandTimeout: COMMAND_MS });
    this.#firstConnection = new Promise((resolve) => {
      this.client.once("ready", resolve);
      setTimeout(resolve, FIRST_CONNECTION_MS).unref();
    });
    this.client.on("error", (error: Error) => {
      if (isLoginRefusal(error)) this.#refusal = NO_LOGIN;
    });
    this.client.on("ready", () => {
      this.#refusal = null;
      this.isComplete = false;
      onReady();
    });
    this.client.on("close", () => this.#setTrouble(this.#refusal ?? AWAY));
  }

  /** Why Redis does nothing for us at present; null if it is there. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Gives a command, if Redis is there. Does not throw: after a failure `isComplete` is false. */
  async tell(command: () => Promise<unknown>): Promise<void> {
    await this.#firstConnection;
    // BullMQ would wait for Redis, for as long as it takes.
    if (this.client.status !== "ready") {
      this.isComplete = false;
      return;
    }
    try {
      await command();
    } catch (error) {
      this.isComplete = false;
      this.#log.debug({ code: codeOf(error) }, `queue: ${error instanceof Error ? error.message : "failed"}`);
    }
  }

  /** Asks Redis whether it is there and then does `work`. If either fails, Redis is in trouble until this succeeds. */
  async check(work: () => Promise<void>): Promise<void> {
    try {
      await this.client.ping();
      await work();
      this.#setTrouble(null);
    } catch {
      this.#setTrouble(this.#refusal ?? AWAY);
    }
  }

  /** From now on it does not matter any more whether Redis is there. */
  end(): void {
    this.#isOver = true;
  }

  /** Resolves when Redis is away, at once if it already is. */
  away(): Promise<void> {
    return new Promise((resolve) => {
      if (this.client.status === "ready") this.client.once("close", resolve);
      else resolve();
    });
  }

  #setTrouble(trouble: string | null): void {
    if (trouble === this.#trouble || this.#isOver) return;
    this.#trouble = trouble;
    if (trouble === null) this.#log.info("queue: Redis is there");
    else this.#log.error(`queue: ${trouble}; no run begins until it is back`);
  }
}

/** The `code` of an error, "error" if it has none. */
export function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : null;
  return typeof code === "string" ? code : "error";
}
