import { DuplicateKeyError } from "@mailonce/core";
import type { Gateway } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { readExactText } from "../values/stored-text.ts";

/** A worker that has announced itself. */
export interface StoredWorker {
  /** Which process it is. */
  readonly owner: string;
  /** Which queue tells it what to run: workers of one queue share the work. */
  readonly queue: string;
}

/** The workers that serve from this database. Each announces itself again and again; the database's clock counts. */
export class StoredWorkers {
  readonly #gateway: Gateway;
  readonly #names: TableNames;

  constructor(gateway: Gateway, names: TableNames) {
    this.#gateway = gateway;
    this.#names = names;
  }

  /** Notes that this worker lives, for `ttlMs` unless it says so again; resolves to the others that do. */
  async announce({ owner, queue }: StoredWorker, ttlMs: number): Promise<readonly StoredWorker[]> {
    const { dialect } = this.#gateway;
    const { worker } = this.#names;
    const key = dialect.exactText(owner);
    const ttl = dialect.duration(ttlMs);
    const found = await this.#gateway.change(
      `UPDATE ${worker} SET queue = ?, expires_at = ${dialect.nowPlus} WHERE owner = ?`,
      [queue, ttl, key],
    );
    if (found === 0) await this.#insert(owner, queue, ttlMs);
    const rows = await this.#gateway.read((statements) =>
      statements.rows(
        `SELECT owner, queue FROM ${worker} WHERE owner <> ? AND expires_at > ${dialect.now} ORDER BY owner`,
        [key],
      ),
    );
    return rows.map((row) => ({ owner: readExactText(row["owner"]), queue: String(row["queue"]) }));
  }

  /** Forgets this worker. */
  async leave(owner: string): Promise<void> {
    const { worker } = this.#names;
    await this.#gateway.change(`DELETE FROM ${worker} WHERE owner = ?`, [
      this.#gateway.dialect.exactText(owner),
    ]);
  }

  /** Notes a worker that begins, and forgets those that have not announced themselves in time. */
  async #insert(owner: string, queue: string, ttlMs: number): Promise<void> {
    const { dialect } = this.#gateway;
    const { worker } = this.#names;
    await this.#gateway.change(`DELETE FROM ${worker} WHERE expires_at <= ${dialect.now}`, []);
    try {
      await this.#gateway.change(
        `INSERT INTO ${worker} (owner, queue, expires_at) VALUES (?, ?, ${dialect.nowPlus})`,
        [dialect.exactText(owner), queue, dialect.duration(ttlMs)],
      );
    } catch (error) {
      // It was noted between the two statements, by an announcement that had seemed lost.
      if (!(error instanceof DuplicateKeyError)) throw error;
    }
  }
}
