import type { RunTask } from "@mailonce/runtime/service";
import type { Queue } from "bullmq";
import type { Redis } from "ioredis";

/** The queue's name in Redis: `mailonce:runs`. One Redis database holds the runs of one installation. */
export const PREFIX = "mailonce";
export const NAME = "runs";
/** Whatever makes an account wait longer than its interval (back-off, and what is added at random) is no longer than that. */
const LONGEST_WAIT_MS = 66 * 60_000;
/** A time that Redis can still sort: for accounts whose schedule is over. */
const LATEST_MS = Date.UTC(9000, 0);

/** What a run's job holds. */
export interface RunJob {
  readonly name: string;
  /** Since when only workers that do not know the account have had the job, in ms since 1970. */
  readonly unknownSince?: number;
}

/** What Redis knows of when accounts are due: a BullMQ job scheduler for each. */
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

  /** How many accounts it knows. */
  count(): Promise<number> {
    return this.#queue.getJobSchedulersCount();
  }

  /** Those of the accounts that it does not know. */
  async missing(tasks: ReadonlyMap<string, RunTask>): Promise<readonly RunTask[]> {
    const known = new Set(await this.#client.zrange(this.#key("repeat"), "0", "-1"));
    return [...tasks.values()].filter(({ name }) => !known.has(idOf(name)));
  }

  /** Those that are due so late that only a rare schedule or a server's wish could be the reason, and when. */
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
 * A scheduler's pattern is `DUE/EVERY`: the job that it is made with is due at DUE; the one after that, which exists as
 * soon as the first is taken, EVERY ms later unless the run that ends says something better.
 */
export function repeatStrategy(
  now: number,
  { pattern = "", count }: { pattern?: string; count?: number },
): number {
  const [due = 0, every = 0] = pattern.split("/").map(Number);
  return count === undefined || due > now ? due : now + every;
}

/** Names may hold colons, which part keys in Redis. */
function idOf(name: string): string {
  return encodeURIComponent(name);
}
