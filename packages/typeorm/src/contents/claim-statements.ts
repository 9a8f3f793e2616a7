import { LONGEST_LEASE_MS, TransactionConflictError } from "@mailonce/core";
import type { Statements } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOf } from "../values/octets.ts";
import type { Row, Value } from "../values/row.ts";
import { storedTime } from "../values/stored-date.ts";
import { octetsToUuid } from "../values/uuid-octets.ts";
import { fromStates, limitOf, MOST_ATTEMPTS, type State, sortedKeys } from "./content-state.ts";
import type { ClaimedMessage } from "./derived-content.ts";

/** Claims that expired and are looked at in one transaction. */
const MOST_EXPIRED = 100;

/** States in which a message is done with, for the version that did it. */
export type Finished = Extract<State, "made" | "complete" | "failed">;

/** A message that somebody may claim: its row, or, where it has none yet, its id alone. */
export interface Candidate {
  readonly key: Uint8Array;
  readonly octets: number;
}

/** Who claims, until when, for which version, and what time it is to the database. */
export interface Claimant {
  readonly token: string;
  readonly parser: number;
  readonly ttlMs: number;
  readonly now: number;
}

/**
 * The statements by which messages change hands, within a transaction that holds the mark's row: only one process at a time
 * is in here. What the holders of claims do meanwhile, each statement's WHERE finds out.
 */
export class ClaimStatements {
  readonly #statements: Statements;
  readonly #names: TableNames;
  readonly #claimant: Claimant;

  constructor(statements: Statements, names: TableNames, claimant: Claimant) {
    this.#statements = statements;
    this.#names = names;
    this.#claimant = claimant;
  }

  /**
   * Claims one message whose claim has expired, with an attempt counted: whoever had it is gone, perhaps because of it. Those
   * that have no attempt left are given up.
   */
  async takeExpired(): Promise<readonly ClaimedMessage[]> {
    const { now } = this.#claimant;
    const { dialect } = this.#statements;
    const until = dialect.date("s.claimed_until", "claimed_until");
    const rows = await this.#select(`, ${until}, s.claim_token AS claim_token`, "claimed", {
      // One that lasts longer than any claim was made by a clock that was wrong.
      where: "(s.claimed_until <= ? OR s.claimed_until > ?)",
      values: [storedTime(new Date(now)), storedTime(new Date(now + LONGEST_LEASE_MS))],
      order: "s.claimed_until",
      limit: MOST_EXPIRED,
    });
    for (const row of rows) {
      const attempts = Number(row["attempts"]) + 1;
      const key = octetsOf(row["id"]);
      const isGivenUp = attempts >= MOST_ATTEMPTS;
      const [set, values] = isGivenUp ? this.#givingUp(attempts) : this.#claiming();
      const found = await this.#statements.run(
        `UPDATE ${this.#names.contentState} SET ${set}, attempts = ?
         WHERE message_id = ? AND claim_token = ? AND claimed_until = ?`,
        [...values, attempts, key, String(row["claim_token"]), String(row["claimed_until"])],
      );
      if (found > 0 && !isGivenUp)
        return [{ id: octetsToUuid(key), octets: Number(row["octets"]), attempts }];
    }
    return [];
  }

  /** Claims messages that were given back untried, those stored last first. */
  takeReleased(limit: number): Promise<readonly ClaimedMessage[]> {
    return this.#take("released", { where: "1 = 1", values: [], order: "s.message_id DESC", limit });
  }

  /** Claims one message that has failed before. */
  takeTried(): Promise<readonly ClaimedMessage[]> {
    return this.#take("tried", { where: "1 = 1", values: [], order: "s.changed_at", limit: 1 });
  }

  /** Claims messages that an older version has made, or given up. */
  takeOutdated(state: Finished, limit: number): Promise<readonly ClaimedMessage[]> {
    const { parser } = this.#claimant;
    const order = "s.parser DESC, s.changed_at DESC";
    return this.#take(state, { where: "s.parser < ?", values: [parser], order, limit });
  }

  /** Claims messages that this version has made, or given up, before that time. */
  takeOld(state: Finished, before: Date, limit: number): Promise<readonly ClaimedMessage[]> {
    return this.#take(state, {
      where: "s.parser = ? AND s.changed_at < ?",
      values: [this.#claimant.parser, storedTime(before)],
      order: "s.changed_at DESC",
      limit,
    });
  }

  /** Claims messages that this version has made without their attachments. */
  takeWithoutAttachments(limit: number): Promise<readonly ClaimedMessage[]> {
    const { parser } = this.#claimant;
    return this.#take("made", { where: "s.parser = ?", values: [parser], order: "s.changed_at DESC", limit });
  }

  /** Claims messages that have no row yet. */
  async takeNew(candidates: readonly Candidate[]): Promise<readonly ClaimedMessage[]> {
    const { parser, token } = this.#claimant;
    const columns = [
      "message_id",
      "state",
      "parser",
      "changed_at",
      "attempts",
      "claim_token",
      "claimed_until",
    ];
    const there = await this.#stillThere(candidates);
    const inserter = this.#statements.inserter({ table: this.#names.contentState, columns });
    for (const key of sortedKeys(there.map((candidate) => candidate.key)))
      await inserter.add([key, "claimed", parser, this.#now, 0, token, this.#until]);
    await inserter.flush();
    return there.map(({ key, octets }) => ({ id: octetsToUuid(key), octets, attempts: 0 }));
  }

  /** Without those that somebody has removed since they were looked up; the others stay until the transaction ends. */
  async #stillThere(candidates: readonly Candidate[]): Promise<readonly Candidate[]> {
    const { dialect } = this.#statements;
    // Nobody can have removed one where a transaction is alone.
    if (dialect.forShare === "") return candidates;
    const there = new Set<string>();
    for (const { sql, values } of keyLists(sortedKeys(candidates.map(({ key }) => key)))) {
      const select = `SELECT id FROM ${this.#names.message} WHERE id IN ${sql}${dialect.forShare}`;
      for (const row of await this.#statements.rows(select, values))
        there.add(octetsToUuid(octetsOf(row["id"])));
    }
    return candidates.filter(({ key }) => there.has(octetsToUuid(key)));
  }

  async #take(
    state: Exclude<State, "claimed">,
    { limit, ...which }: Selection,
  ): Promise<readonly ClaimedMessage[]> {
    if (limit === 0) return [];
    const rows = await this.#select("", state, { ...which, limit });
    const [set, values] = this.#claiming();
    const anew = state === "tried" ? "" : ", attempts = 0";
    let taken = 0;
    // By their keys and not by the state: SQLite would go over all rows of the state.
    for (const keys of keyLists(sortedKeys(rows.map((row) => octetsOf(row["id"])))))
      taken += await this.#statements.run(
        `UPDATE ${this.#names.contentState} SET ${set}${anew} WHERE message_id IN ${keys.sql} AND claim_token IS NULL`,
        [...values, ...keys.values],
      );
    // Rows that are gone were dropped, or their messages were.
    if (taken !== rows.length)
      throw new TransactionConflictError("Messages were removed while they were claimed.");
    return rows.map((row) => ({
      id: octetsToUuid(octetsOf(row["id"])),
      octets: Number(row["octets"]),
      attempts: state === "tried" ? Number(row["attempts"]) : 0,
    }));
  }

  async #select(
    more: string,
    state: State,
    { where, values, order, limit }: Selection,
  ): Promise<readonly Row[]> {
    const { select, join } = this.#statements.dialect.orderedJoin;
    const rows = await this.#statements.rows(
      `${select} s.message_id AS id, m.octets AS octets, s.attempts AS attempts${more}
       ${fromStates(this.#statements, this.#names)} ${join} ${this.#names.message} m ON m.id = s.message_id
       WHERE s.state = ? AND ${where} ORDER BY ${order} LIMIT ${limitOf(limit)}`,
      [state, ...values],
    );
    return rows.slice(0, limit);
  }

  #claiming(): readonly [string, readonly Value[]] {
    const { parser, token } = this.#claimant;
    return [
      "state = 'claimed', parser = ?, changed_at = ?, claim_token = ?, claimed_until = ?",
      [parser, this.#now, token, this.#until],
    ];
  }

  #givingUp(attempts: number): readonly [string, readonly Value[]] {
    return [
      "state = 'failed', changed_at = ?, failure = ?, claim_token = NULL, claimed_until = NULL",
      [this.#now, `Its reader did not come back, ${attempts} times: the process ended, or hung.`],
    ];
  }

  get #now(): string {
    return storedTime(new Date(this.#claimant.now));
  }

  get #until(): string {
    return storedTime(new Date(this.#claimant.now + this.#claimant.ttlMs));
  }
}

/** Which rows of a state, in which order. */
interface Selection {
  readonly where: string;
  readonly values: readonly Value[];
  readonly order: string;
  readonly limit: number;
}
