import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Dovecot,
  type MariaDatabase,
  type MariaDb,
  type Redis,
  simpleMail,
  startDovecot,
  startMariaDb,
  startRedis,
  temporaryFolder,
} from "@mailonce/testkit";
import { startWorker, type WorkerProcess } from "../worker-process.ts";
import { loggedSessions, TIMESTAMPS } from "./login-log.ts";
import { News } from "./news.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

/** How large it is. */
export interface InstallationOptions {
  readonly accounts: number;
  readonly workers: number;
  readonly intervalMs: number;
}

/** Everything real: Dovecot, MariaDB, Redis, worker processes, and a webhook. */
export class Installation implements AsyncDisposable {
  readonly users: readonly string[];
  readonly workers: WorkerProcess[] = [];
  /** The subjects that were delivered, by user, in order. */
  readonly delivered = new Map<string, string[]>();
  readonly #folder = temporaryFolder("mailonce-installation-");
  readonly dovecot: Dovecot;
  readonly mariaDb: MariaDb;
  readonly redis: Redis;
  readonly receiver: Receiver;
  readonly #database: MariaDatabase;
  /** A worker has told something, or the webhook was told. */
  readonly #news: News;

  private constructor(
    parts: Pick<Installation, "users" | "dovecot" | "mariaDb" | "redis" | "receiver">,
    database: MariaDatabase,
    news: News,
    { intervalMs }: InstallationOptions,
  ) {
    this.#news = news;
    this.users = parts.users;
    this.dovecot = parts.dovecot;
    this.mariaDb = parts.mariaDb;
    this.redis = parts.redis;
    this.receiver = parts.receiver;
    this.#database = database;
    writeFileSync(
      this.configFile,
      JSON.stringify({
        database: database.mariadbUrl,
        concurrency: 8,
        worker: { queue: this.redis.url, perHost: 8, shutdown: "5s" },
        defaults: {
          password: { env: "MAILONCE_PASSWORD" },
          schedule: `${intervalMs / 1000}s`,
          hooks: { web: { webhook: this.receiver.url, timeout: "2s" } },
        },
        accounts: Object.fromEntries(
          this.users.map((user) => [
            user,
            { url: `pop3://${user}@127.0.0.1:${this.dovecot.pop3Port}?tls=none` },
          ]),
        ),
      }),
      { mode: 0o600 },
    );
  }

  static async start(options: InstallationOptions): Promise<Installation> {
    const news = new News();
    const users = Array.from({ length: options.accounts }, (_, n) => `user${n}`);
    const [dovecot, mariaDb, redis, receiver] = await Promise.all([
      startDovecot({ users, settings: TIMESTAMPS }),
      startMariaDb(),
      startRedis(),
      startReceiver((n) => n % 23 === 0, news.tell),
    ]);
    const database = await mariaDb.createDatabase();
    const parts = { users, dovecot, mariaDb, redis, receiver };
    return new Installation(parts, database, news, options);
  }

  get configFile(): string {
    return join(this.#folder.path, "mailonce.json");
  }

  startWorker(): WorkerProcess {
    const worker = startWorker({}, ["--config", this.configFile], this.#news.tell);
    this.workers.push(worker);
    return worker;
  }

  /** One new message for each user. */
  async deliver(what: string): Promise<void> {
    for (const user of this.users) {
      const subject = `${what} for ${user}`;
      this.delivered.set(user, [...(this.delivered.get(user) ?? []), subject]);
      const people = { from: "Ann <ann@example.org>", to: `${user}@example.org` };
      const date = new Date("2026-11-02T10:00:00Z");
      await this.dovecot.deliver(user, [simpleMail({ ...people, subject, date, body: "Hello." })]);
    }
  }

  /** The stored messages: `MAILDROP SUBJECT`, sorted. */
  async stored(): Promise<readonly string[]> {
    const rows = await this.mariaDb.sql(
      `SELECT CONCAT(d.name, ' ', m.subject) FROM ${this.#database.name}.mailonce_message m
       JOIN ${this.#database.name}.mailonce_maildrop d ON d.id = m.maildrop_id`,
    );
    return sorted(rows.split("\n").filter((row) => row !== ""));
  }

  /** The subjects of each user's messages in the order in which they were stored. */
  async storedInOrder(): Promise<ReadonlyMap<string, readonly string[]>> {
    const rows = await this.mariaDb.sql(
      `SELECT d.name, m.subject FROM ${this.#database.name}.mailonce_message m
       JOIN ${this.#database.name}.mailonce_maildrop d ON d.id = m.maildrop_id ORDER BY m.id`,
    );
    const subjects = new Map<string, string[]>();
    for (const row of rows.split("\n").filter((line) => line !== "")) {
      const [user = "", subject = ""] = row.split("\t");
      subjects.set(user, [...(subjects.get(user) ?? []), subject]);
    }
    return subjects;
  }

  /** What should be stored: every message once. */
  get expected(): readonly string[] {
    return sorted(
      [...this.delivered].flatMap(([user, subjects]) => subjects.map((subject) => `${user} ${subject}`)),
    );
  }

  /**
   * Resolves as soon as the condition holds, with the ms that it took: it is looked at whenever a worker or the webhook
   * has something to tell. @throws Error after `ms`
   */
  async until(what: string, condition: () => Promise<boolean> | boolean, ms: number): Promise<number> {
    const start = performance.now();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.#news.tell();
    }, ms);
    try {
      for (;;) {
        const next = this.#news.next();
        if (await condition()) return performance.now() - start;
        if (isLate) {
          const lines = this.workers.map(({ lines: all }) => all.slice(-15).join("\n")).join("\n--\n");
          throw new Error(`after ${ms} ms still not: ${what}\n${lines}`);
        }
        await next;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  get sessions() {
    return loggedSessions(this.dovecot.log());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.redis.resume();
    this.mariaDb.resume();
    for (const worker of this.workers) await worker[Symbol.asyncDispose]();
    await Promise.all([
      this.dovecot.stop(),
      this.mariaDb.stop(),
      this.redis.stop(),
      this.receiver[Symbol.asyncDispose](),
    ]);
    await this.#folder.remove();
  }
}

export function sorted(texts: readonly string[]): readonly string[] {
  return texts.toSorted((a, b) => (a < b ? -1 : 1));
}
