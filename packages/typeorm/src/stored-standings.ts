import { selectedDate } from "./dialect.ts";
import type { Gateway, Row, Statements } from "./gateway.ts";
import { readName, storedName } from "./maildrop-rows.ts";
import { octetsOrNull } from "./octets.ts";
import { readDate, storedDate } from "./stored-date.ts";
import { storedText, TEXT_LENGTH } from "./stored-text.ts";
import type { TableNames } from "./table-names.ts";

/** How a maildrop stands with its server. */
export interface StoredStanding {
  /** No login before that. */
  readonly notBefore: Date | null;
  /** When the last run ended, or began if it has not ended. */
  readonly lastRun: Date | null;
  /** When a run last ended by itself. */
  readonly lastSuccess: Date | null;
  /** Runs in a row that network or server failed. */
  readonly failures: number;
  /** Logins in a row that were refused without a reason. */
  readonly refusals: number;
  /** What the server last said of LOGIN-DELAY, in milliseconds; 0 if nothing. */
  readonly loginDelayMs: number;
  /** Why nothing is done until somebody changes something; null: it is not paused. */
  readonly pause: {
    readonly code: string;
    /** For people. */
    readonly reason: string;
    /** The login settings under which it was paused (32 octets): others end the pause. Null: only a person does. */
    readonly digest: Uint8Array | null;
  } | null;
}

const COLUMNS = "failures, refusals, login_delay_ms, pause_code, pause_digest";

/** The standings of all maildrops. They survive restarts, and are the same for all workers. */
export class StoredStandings {
  readonly #gateway: Gateway;
  readonly #names: TableNames;

  constructor(gateway: Gateway, names: TableNames) {
    this.#gateway = gateway;
    this.#names = names;
  }

  /** Null if the maildrop was never seen by a worker, nor paused. */
  async find(maildrop: string): Promise<StoredStanding | null> {
    const [row] = await this.#rows("WHERE d.name = ?", maildrop);
    return row === undefined ? null : readStanding(row);
  }

  /** All, by the maildrops' names. */
  async all(): Promise<ReadonlyMap<string, StoredStanding>> {
    const rows = await this.#rows("ORDER BY d.name");
    return new Map(rows.map((row) => [readName(row["name"]), readStanding(row)]));
  }

  /**
   * Writes the standings of maildrops in one transaction; one of a maildrop that does not exist is left out.
   *
   * @param keep code of a pause that only its maker ends: where the database has it by now, it stays
   */
  async put(all: ReadonlyMap<string, StoredStanding>, keep: string | null = null): Promise<void> {
    // In one order, so that two who write do not wait for each other for ever.
    const sorted = [...all].sort(([one], [other]) => (one < other ? -1 : 1));
    await this.#gateway.transaction(async (statements) => {
      for (const [maildrop, standing] of sorted) await this.#put(statements, maildrop, standing, keep);
    });
  }

  async #put(
    statements: Statements,
    maildrop: string,
    standing: StoredStanding,
    keep: string | null,
  ): Promise<void> {
    const { maildrop: maildrops, standing: standings } = this.#names;
    const { dialect } = statements;
    const [row] = await statements.rows(
      `SELECT id, pause_reason FROM ${maildrops} WHERE name = ?${dialect === "sqlite" ? "" : " FOR UPDATE"}`,
      [storedName(dialect, maildrop)],
    );
    if (row === undefined) return;
    const id = Number(row["id"]);
    const [old] = await statements.rows(`SELECT pause_code FROM ${standings} WHERE maildrop_id = ?`, [id]);
    const isKept = keep !== null && old?.["pause_code"] === keep;
    const pause = isKept
      ? { code: keep, reason: String(row["pause_reason"] ?? ""), digest: null }
      : standing.pause;
    const reason = storedText(pause?.reason ?? null, TEXT_LENGTH.pauseReason);
    if (reason !== row["pause_reason"])
      await statements.run(`UPDATE ${maildrops} SET pause_reason = ? WHERE id = ?`, [reason, id]);
    await statements.run(`DELETE FROM ${standings} WHERE maildrop_id = ?`, [id]);
    await statements.run(
      `INSERT INTO ${standings} (maildrop_id, not_before_at, last_run_at, last_success_at, ${COLUMNS})
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        id,
        storedDate(standing.notBefore),
        storedDate(standing.lastRun),
        storedDate(standing.lastSuccess),
        standing.failures,
        standing.refusals,
        standing.loginDelayMs,
        storedText(pause?.code ?? null, TEXT_LENGTH.reasonCode),
        pause?.digest ?? null,
      ],
    );
  }

  #rows(end: string, maildrop?: string): Promise<readonly Row[]> {
    return this.#gateway.read((statements) => {
      const { dialect } = statements;
      const dates = ["not_before_at", "last_run_at", "last_success_at"].map((column) =>
        selectedDate(dialect, `s.${column}`, column),
      );
      return statements.rows(
        `SELECT d.name AS name, d.pause_reason AS pause_reason, ${dates.join(", ")}, ${COLUMNS}
         FROM ${this.#names.standing} s JOIN ${this.#names.maildrop} d ON d.id = s.maildrop_id ${end}`,
        maildrop === undefined ? [] : [storedName(dialect, maildrop)],
      );
    });
  }
}

function readStanding(row: Row): StoredStanding {
  const code = row["pause_code"];
  return {
    notBefore: readDate(row["not_before_at"]),
    lastRun: readDate(row["last_run_at"]),
    lastSuccess: readDate(row["last_success_at"]),
    failures: Number(row["failures"]),
    refusals: Number(row["refusals"]),
    loginDelayMs: Number(row["login_delay_ms"]),
    pause:
      typeof code === "string"
        ? {
            code,
            reason: String(row["pause_reason"] ?? ""),
            digest: octetsOrNull(row["pause_digest"]),
          }
        : null,
  };
}
