import type { RunTask } from "@mailonce/runtime/service";
import type { Queue } from "bullmq";
import type { Redis } from "ioredis";

/** The queue's name in Redis: `mailonce:runs`. One Redis database holds the runs of one installation. */
export const PREFIX = "mailonce";
export const NAME = "runs";
/** Back-off, and what is added at random, make an account wait no longer than this, unless its interval is longer. */
const LONGEST_WAIT_MS = 66 * 60_000;
/** When an account is due whose schedule is over: so late, but a time that Redis can still sort. */
const LATEST_MS = Date.UTC(9000, 0);

/** What a run's job holds. */
export interface RunJob {
  readonly name: string;
  /** When a worker that does not know the account put the job back first, in ms since 1970. */
  readonly unknownSince?: number;
}

/** When the accounts are due, as Redis knows it: in a BullMQ job scheduler for each. */
export class RedisSchedule {
  readonly #client: Redis;
  readonly #queue: Queue<RunJob>;

  constructor(client: Redis, queue: Queue<RunJob>) {
    this.#client = client;
    this.#queue = queue;
  }

  async put({ name, due, everyMs }: RunTask): Promise<void> {
    await this.#queue.upsertJobScheduler(
      idOf(name),
      { pattern: `${Math.ceil(Math.min(due, LATEST_MS))}/${Math.ceil(everyMs)}` },
      { name: "run", data: { name }, opts: { removeOnComplete: true, removeOnFail: true } },
    );
  }

  async remove(name: string): Promise<void> {
    await this.#queue.removeJobScheduler(idOf(name));
  }

  /** How many accounts Redis knows. */
  count(): Promise<number> {
    return this.#queue.getJobSchedulersCount();
  }

  /** Those of these accounts that Redis does not know. */
  async missing(tasks: ReadonlyMap<string, RunTask>): Promise<readonly RunTask[]> {
    const known = new Set(await this.#client.zrange(this.#key("repeat"), "0", "-1"));
    return [...tasks.values()].filter(({ name }) => !known.has(idOf(name)));
  }

  /** Those of these accounts that are due so late that only a rare schedule or their server could be the reason, and when. */
  async late(
    tasks: ReadonlyMap<string, RunTask>,
    now: number,
  ): Promise<readonly { readonly task: RunTask; readonly due: number }[]> {
    const least = now + LONGEST_WAIT_MS;
    const found = await this.#client.zrangebyscore(this.#key("repeat"), least, "+inf", "WITHSCORES");
    const late: { readonly task: RunTask; readonly due: number }[] = [];
    for (let n = 0; n < found.length; n += 2) {
      const task = tasks.get(decodeURIComponent(found[n] ?? ""));
      const due = Number(found[n + 1]);
      if (task !== undefined && due > now + 1.1 * task.everyMs) late.push({ task, due });
    }
    return late;
  }

  /** Whether a run waits for a worker, and was due by then. */
  async hasDue(by: number): Promise<boolean> {
    if ((await this.#queue.getJobCountByTypes("wait", "prioritized")) > 0) return true;
    // BullMQ sorts delayed jobs by their time in ms, times 4096.
    return (await this.#client.zcount(this.#key("delayed"), 0, by * 0x1000)) > 0;
  }

  #key(what: string): string {
    return `${PREFIX}:${NAME}:${what}`;
  }
}

/**
 * When the next job of a scheduler is due. Its pattern is `DUE/EVERY`: the first job is due at DUE. As soon as that is
 * taken, the next one is made, due EVERY ms later; the run that ends then puts another time in its place.
 */
export function repeatStrategy(
  now: number,
  { pattern = "", count }: { pattern?: string; count?: number },
): number {
  const [due = 0, every = 0] = pattern.split("/").map(Number);
  return count === undefined || due > now ? due : now + every;
}

/** The id of an account's scheduler. Names may hold colons, which separate the parts of keys in Redis. */
function idOf(name: string): string {
  return encodeURIComponent(name);
}
