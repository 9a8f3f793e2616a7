import { isDue, LONGEST_DELIVERY_WAIT_MS } from "@mailonce/core";
import { expectMilliseconds, expectText, expectTime } from "../arguments/expect-arguments.ts";
import type { Gateway, Statements } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import { lockRows } from "../database/lock-rows.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import type { Value } from "../values/row.ts";
import { readDate, storedDate } from "../values/stored-date.ts";
import { readExactText, storedText, TEXT_LENGTH } from "../values/stored-text.ts";
import { lowestUuidAt, uuidRange, uuidToOctets } from "../values/uuid-octets.ts";
import { expectKey, expectKeys, expectQuery, expectResult } from "./outbox-arguments.ts";
import type {
  OutboxDepth,
  OutboxEntry,
  OutboxKey,
  OutboxQuery,
  OutboxResult,
  OutboxState,
} from "./outbox-entry.ts";
import { readOutboxEntry, selectOutbox } from "./outbox-rows.ts";

/** Rows that are read or removed at a time. */
const BLOCK = 500;
/** The latest time that the tables can hold. */
const LAST_DATE = new Date("9999-12-31T23:59:59.999Z");
/** Rows of a lane that are claimed at a time. */
const CLAIMED = 20;

/**
 * The deliveries of stored messages to hooks. Each is a row that is written together with its message
 * (`NewMessage.hooks`). The rows of one maildrop and one hook are a lane: they are delivered in the order of their
 * messages, by one process at a time.
 */
export class Outbox {
  readonly #gateway: Gateway;
  readonly #names: TableNames;

  constructor(gateway: Gateway, names: TableNames) {
    this.#gateway = gateway;
    this.#names = names;
  }

  /** Rows in the order of their messages; all unless the query says otherwise. */
  async *entries(query: OutboxQuery = {}): AsyncGenerator<OutboxEntry> {
    expectQuery(query);
    const { states, maildrop } = query;
    if (states?.length === 0) return;
    let after: OutboxKey | null = null;
    for (;;) {
      const start: OutboxKey | null = after;
      const rows = await this.#gateway.read((statements) => {
        const { dialect } = statements;
        const conditions: string[] = [];
        const values: Value[] = [];
        if (states !== undefined) {
          conditions.push(`o.state IN (${states.map(() => "?").join(",")})`);
          values.push(...states);
        }
        if (maildrop !== undefined) {
          conditions.push(`o.maildrop_id IN (SELECT d.id FROM ${this.#names.maildrop} d WHERE d.name = ?)`);
          values.push(dialect.exactText(maildrop));
        }
        if (start !== null) {
          const id = uuidToOctets(start.messageId);
          conditions.push("(o.message_id > ? OR (o.message_id = ? AND o.hook > ?))");
          values.push(id, id, dialect.exactText(start.hook));
        }
        const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
        return statements.rows(
          `${selectOutbox(dialect, this.#names)} ${where} ORDER BY o.message_id, o.hook LIMIT ${BLOCK}`,
          values,
        );
      });
      const entries = rows.map(readOutboxEntry);
      yield* entries;
      after = entries[BLOCK - 1] ?? null;
      if (after === null) return;
    }
  }

  /** The rows whose message's id begins with `idPrefix` (lower case). */
  async find(idPrefix: string): Promise<readonly OutboxEntry[]> {
    expectText("idPrefix", idPrefix);
    const range = uuidRange(idPrefix);
    if (range === null) return [];
    const rows = await this.#gateway.read((statements) =>
      statements.rows(
        `${selectOutbox(statements.dialect, this.#names)}
         WHERE o.message_id BETWEEN ? AND ? ORDER BY o.message_id, o.hook LIMIT ${BLOCK}`,
        [range.lowest, range.highest],
      ),
    );
    return rows.map(readOutboxEntry);
  }

  /**
   * Claims the next rows of one lane whose first row is due, in order; none if no lane is due. For `claimMs` nobody else
   * gets a row of that lane; then it is due again, because the process that claimed it may have died. A row that would be
   * due later than anything ever waits is due now: a clock was ahead when it was written.
   */
  async claim(now: Date, claimMs: number): Promise<readonly OutboxEntry[]> {
    expectTime("now", now);
    expectMilliseconds("claimMs", claimMs);
    const { outbox } = this.#names;
    // A claim may last longer than the longest wait.
    const longestMs = Math.max(LONGEST_DELIVERY_WAIT_MS, claimMs);
    const tooFar = new Date(now.getTime() + longestMs);
    const heads = await this.#gateway.read((statements) =>
      statements.rows(
        `SELECT o.maildrop_id AS maildrop_id, o.hook AS hook FROM ${outbox} o
         JOIN (SELECT hook, MIN(message_id) AS head FROM ${outbox} WHERE state = 'pending'
               GROUP BY maildrop_id, hook) h ON o.message_id = h.head AND o.hook = h.hook
         WHERE o.due_at <= ? OR o.due_at > ? ORDER BY o.due_at LIMIT ${CLAIMED}`,
        [storedDate(now), storedDate(tooFar)],
      ),
    );
    for (const head of heads) {
      const lane = { maildropId: Number(head["maildrop_id"]), hook: readExactText(head["hook"]) };
      const claimed = await this.#gateway.transaction((statements) =>
        this.#claimLane(statements, lane, { now, claimMs, longestMs }),
      );
      if (claimed.length > 0) return claimed;
    }
    return [];
  }

  async #claimLane(
    statements: Statements,
    { maildropId, hook }: { readonly maildropId: number; readonly hook: string },
    { now, claimMs, longestMs }: { readonly now: Date; readonly claimMs: number; readonly longestMs: number },
  ): Promise<readonly OutboxEntry[]> {
    const { dialect } = statements;
    const { outbox, maildrop } = this.#names;
    // The maildrop's row is locked first, so that two who claim rows of its lanes do not deadlock.
    await lockRows(statements, `SELECT id FROM ${maildrop} WHERE id = ?`, [maildropId]);
    const rows = await statements.rows(
      `${selectOutbox(dialect, this.#names)} WHERE o.state = 'pending' AND o.maildrop_id = ? AND o.hook = ?
       ORDER BY o.message_id LIMIT ${CLAIMED}`,
      [maildropId, dialect.exactText(hook)],
    );
    const entries = rows.map(readOutboxEntry);
    const [first] = entries;
    if (first?.due == null || !isDue(first.due, now, longestMs)) return [];
    const until = storedDate(new Date(now.getTime() + claimMs));
    for (const entry of entries)
      await statements.run(`UPDATE ${outbox} SET due_at = ? WHERE message_id = ? AND hook = ?`, [
        until,
        uuidToOctets(entry.messageId),
        dialect.exactText(entry.hook),
      ]);
    return entries;
  }

  /** Writes what became of an attempt to deliver. */
  async settle(key: OutboxKey, result: OutboxResult): Promise<void> {
    expectKey("key", key);
    expectResult(result);
    if (result.state === "delivered") {
      const delivered = `state = 'delivered', due_at = NULL, delivered_at = ?, reason_code = NULL, reason_message = NULL`;
      await this.#each([key], `${this.#update} ${delivered}`, [storedDate(result.at)]);
      return;
    }
    const { state, due, reason, isAttempt = true } = result;
    const tried = "state = ?, due_at = ?, attempts = attempts + ?, reason_code = ?, reason_message = ?";
    await this.#each([key], `${this.#update} ${tried}`, [
      state,
      storedDate(due),
      isAttempt ? 1 : 0,
      storedText(reason.code, TEXT_LENGTH.reasonCode),
      storedText(reason.message, TEXT_LENGTH.reasonMessage),
    ]);
  }

  /** Gives back rows that were claimed and not tried: they are due now. */
  async release(keys: readonly OutboxKey[], now: Date): Promise<void> {
    expectKeys(keys);
    expectTime("now", now);
    await this.#each(keys, `${this.#update} due_at = ?`, [storedDate(now)], " AND state = 'pending'");
  }

  /** Makes rows that are dead or waiting due now, as if they had never been tried; others stay as they are. */
  async retry(keys: readonly OutboxKey[], now: Date): Promise<void> {
    expectKeys(keys);
    expectTime("now", now);
    const anew = `${this.#update} state = 'pending', attempts = 0, due_at = ?`;
    await this.#each(keys, anew, [storedDate(now)], " AND state <> 'delivered'");
  }

  /** Forgets deliveries that wait or were given up: nobody will be told. Those that were made stay as they are. */
  async drop(keys: readonly OutboxKey[]): Promise<void> {
    expectKeys(keys);
    await this.#each(keys, `DELETE FROM ${this.#names.outbox}`, [], " AND state <> 'delivered'");
  }

  get #update(): string {
    return `UPDATE ${this.#names.outbox} SET`;
  }

  /** Runs a statement, given without its WHERE, on each of these rows that meets the condition; in one transaction. */
  async #each(keys: readonly OutboxKey[], sql: string, values: readonly Value[], condition = "") {
    if (keys.length === 0) return;
    await this.#gateway.transaction(async (statements) => {
      for (const { messageId, hook } of keys)
        await statements.run(`${sql} WHERE message_id = ? AND hook = ?${condition}`, [
          ...values,
          uuidToOctets(messageId),
          statements.dialect.exactText(hook),
        ]);
    });
  }

  /**
   * Removes the rows of deliveries that were made before that time, a few hundred at most, the oldest messages' first. Rows
   * that wait or were given up stay. No message is delivered again, because rows are written with their message only.
   *
   * @param after a time in the future: deliveries with a later time are removed as well, because a clock was ahead then
   * @returns how many were removed
   */
  async prune(before: Date, after: Date | null = null): Promise<number> {
    expectTime("before", before);
    if (after !== null) expectTime("after", after);
    const { outbox } = this.#names;
    const ahead = after ?? LAST_DATE;
    const delivered = [storedDate(before), storedDate(ahead)];
    const isOld = "state = 'delivered' AND (delivered_at < ? OR delivered_at > ?)";
    // A message is delivered after it was stored, so the time in its key finds the old rows without an index by time.
    const rows = await this.#gateway.read((statements) =>
      statements.rows(
        `SELECT message_id FROM ${outbox} WHERE (message_id < ? OR message_id > ?) AND ${isOld}
         ORDER BY message_id LIMIT ${BLOCK}`,
        [lowestUuidAt(before), lowestUuidAt(ahead), ...delivered],
      ),
    );
    const ids = rows.map((row) => octetsOf(row["message_id"]));
    if (ids.length === 0) return 0;
    return this.#gateway.transaction(async (statements) => {
      let removed = 0;
      for (const { sql, values } of keyLists(ids))
        removed += await statements.run(`DELETE FROM ${outbox} WHERE message_id IN ${sql} AND ${isOld}`, [
          ...values,
          ...delivered,
        ]);
      return removed;
    });
  }

  /** How much is waiting and how much was given up. */
  async depth(): Promise<OutboxDepth> {
    return this.#gateway.read(async (statements) => {
      const rows = await statements.rows(
        `SELECT state, COUNT(*) AS number FROM ${this.#names.outbox} WHERE state <> 'delivered' GROUP BY state`,
        [],
      );
      const count = (state: OutboxState): number =>
        Number(rows.find((row) => row["state"] === state)?.["number"] ?? 0);
      if (count("pending") === 0) return { pending: 0, dead: count("dead"), oldest: null };
      const oldest = statements.dialect.date("MIN(created_at)", "oldest");
      const [row] = await statements.rows(
        `SELECT ${oldest} FROM ${this.#names.outbox} WHERE state = 'pending'`,
        [],
      );
      return { pending: count("pending"), dead: count("dead"), oldest: readDate(row?.["oldest"]) };
    });
  }

  /** How many lanes are stuck, by the code of the reason why the first row that waits in them could not be delivered. */
  async failing(): Promise<ReadonlyMap<string, number>> {
    const { outbox } = this.#names;
    const rows = await this.#gateway.read((statements) =>
      statements.rows(
        `SELECT o.reason_code AS code, COUNT(*) AS number FROM ${outbox} o
         JOIN (SELECT hook, MIN(message_id) AS head FROM ${outbox} WHERE state = 'pending'
               GROUP BY maildrop_id, hook) h ON o.message_id = h.head AND o.hook = h.hook
         WHERE o.reason_code IS NOT NULL GROUP BY o.reason_code ORDER BY o.reason_code`,
        [],
      ),
    );
    return new Map(rows.map((row) => [String(row["code"]), Number(row["number"])]));
  }
}
