import { ArgumentError } from "../arguments/argument-error.ts";
import {
  expectLimit,
  expectMilliseconds,
  expectObject,
  expectOctets,
  expectText,
  expectTextOrNull,
  expectTime,
} from "../arguments/expect-arguments.ts";
import type { Gateway, Statements } from "../database/gateway.ts";
import { keyLists } from "../database/key-lists.ts";
import { RowInserter } from "../database/row-inserter.ts";
import type { TableNames } from "../schema/table-names.ts";
import { octetsOrNull } from "../values/octets.ts";
import type { Row, Value } from "../values/row.ts";
import { readDate, storedDate } from "../values/stored-date.ts";
import { readExactText, storedText, TEXT_LENGTH } from "../values/stored-text.ts";

/** When a maildrop may be logged in to, how its last runs went, and why it is paused. */
export interface StoredStanding {
  /** No login before that. */
  readonly notBefore: Date | null;
  /** When the last run ended, or began if it has not ended. */
  readonly lastRun: Date | null;
  /** When a run last ended without being broken off. */
  readonly lastSuccess: Date | null;
  /** How many runs in a row failed because of network or server. */
  readonly failures: number;
  /** How many logins in a row were refused without a reason. */
  readonly refusals: number;
  /** What the server last said of LOGIN-DELAY, in milliseconds; 0 if nothing. */
  readonly loginDelayMs: number;
  /** Why nothing is done until somebody changes something; null: it is not paused. */
  readonly pause:
    | (StoredPause & {
        /** 32 octets of the login settings that led to the pause; other settings end it. Null: only a person ends it. */
        readonly digest: Uint8Array | null;
      })
    | null;
}

/** Why nothing is done for a maildrop. */
export interface StoredPause {
  readonly code: string;
  /** For people. */
  readonly reason: string;
}

/** What a worker's status tells of a maildrop. */
export interface StandingSummary
  extends Pick<StoredStanding, "lastRun" | "lastSuccess" | "failures" | "refusals"> {
  /** The pause's code; null: it is not paused. */
  readonly pause: string | null;
  /** Whether somebody holds its lease now. */
  readonly isLeased: boolean;
}

const DATES = ["not_before_at", "last_run_at", "last_success_at"] as const;
const FACTS = ["failures", "refusals", "login_delay_ms", "pause_code", "pause_digest"] as const;
const COLUMNS = ["maildrop_id", ...DATES, ...FACTS] as const;

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
    expectText("maildrop", maildrop);
    const [row] = await this.#rows("WHERE d.name = ?", maildrop);
    return row === undefined ? null : readStanding(row);
  }

  /** All, by the maildrops' names. */
  async all(): Promise<ReadonlyMap<string, StoredStanding>> {
    const rows = await this.#rows("ORDER BY d.name");
    return new Map(rows.map((row) => [readExactText(row["name"]), readStanding(row)]));
  }

  /** A summary of every maildrop, by its name; one query for all. */
  async summaries(): Promise<ReadonlyMap<string, StandingSummary>> {
    const rows = await this.#gateway.read((statements) => {
      const { dialect } = statements;
      const dates = ["last_run_at", "last_success_at"].map((column) => dialect.date(`s.${column}`, column));
      return statements.rows(
        `SELECT d.name AS name, ${dates.join(", ")}, s.failures AS failures, s.refusals AS refusals,
           s.pause_code AS pause_code, d.lease_token IS NOT NULL AND d.lease_expires_at > ${dialect.now} AS leased
         FROM ${this.#names.maildrop} d LEFT JOIN ${this.#names.standing} s ON s.maildrop_id = d.id`,
        [],
      );
    });
    return new Map(
      rows.map((row) => {
        const code = row["pause_code"];
        const summary = {
          lastRun: readDate(row["last_run_at"]),
          lastSuccess: readDate(row["last_success_at"]),
          failures: Number(row["failures"]),
          refusals: Number(row["refusals"]),
          pause: typeof code === "string" ? code : null,
          isLeased: Number(row["leased"]) === 1,
        };
        return [readExactText(row["name"]), summary];
      }),
    );
  }

  /** The pauses of those that are paused, by the maildrops' names. */
  async paused(): Promise<ReadonlyMap<string, StoredPause>> {
    const rows = await this.#gateway.read((statements) =>
      statements.rows(
        `SELECT d.name AS name, s.pause_code AS code, d.pause_reason AS reason
         FROM ${this.#names.standing} s JOIN ${this.#names.maildrop} d ON d.id = s.maildrop_id
         WHERE s.pause_code IS NOT NULL ORDER BY d.name`,
        [],
      ),
    );
    return new Map(
      rows.map((row) => [
        readExactText(row["name"]),
        { code: String(row["code"]), reason: String(row["reason"] ?? "") },
      ]),
    );
  }

  /**
   * Writes the standings of maildrops in one transaction; one of a maildrop that does not exist is left out.
   *
   * @param keep the code of a pause that this must not end: a maildrop that has it in the database by now keeps it
   */
  async put(all: ReadonlyMap<string, StoredStanding>, keep: string | null = null): Promise<void> {
    expectStandings(all);
    expectTextOrNull("keep", keep);
    await this.#gateway.transaction(async (statements) => {
      const rows: (readonly Value[])[] = [];
      for (const old of await this.#lock(statements, [...all.keys()])) {
        const standing = all.get(readExactText(old["name"]));
        if (standing !== undefined) rows.push(await this.#rowOf(statements, old, standing, keep));
      }
      rows.sort(([a], [b]) => Number(a) - Number(b));
      const suffix = statements.dialect.overwrite(["maildrop_id"], COLUMNS.slice(1));
      const inserter = new RowInserter(statements, { table: this.#names.standing, columns: COLUMNS, suffix });
      for (const row of rows) await inserter.add(row);
      await inserter.flush();
    });
  }

  /** What is known of these maildrops, their rows locked in the order of their names: two writers then do not deadlock. */
  async #lock(statements: Statements, maildrops: readonly string[]): Promise<readonly Row[]> {
    const { maildrop, standing } = this.#names;
    const { forUpdate, exactText, useIndex } = statements.dialect;
    // However the server would look for them: no other row is to be locked.
    const hint = forUpdate === "" ? "" : useIndex(`${maildrop}_name_uq`);
    const rows: Row[] = [];
    for (const { sql, values } of keyLists(maildrops.toSorted(byCodeUnits).map(exactText)))
      rows.push(
        ...(await statements.rows(
          `SELECT d.id AS id, d.name AS name, d.pause_reason AS pause_reason, s.pause_code AS pause_code
           FROM ${maildrop} d${hint} LEFT JOIN ${standing} s ON s.maildrop_id = d.id
           WHERE d.name IN ${sql} ORDER BY d.name${forUpdate}`,
          values,
        )),
      );
    return rows;
  }

  /** The row to be written in place of what is known. */
  async #rowOf(
    statements: Statements,
    old: Row,
    { notBefore, lastRun, lastSuccess, failures, refusals, loginDelayMs, pause: own }: StoredStanding,
    keep: string | null,
  ): Promise<readonly Value[]> {
    const { maildrop: maildrops } = this.#names;
    const id = Number(old["id"]);
    const isKept = keep !== null && old["pause_code"] === keep;
    const pause = isKept ? { code: keep, reason: String(old["pause_reason"] ?? ""), digest: null } : own;
    const reason = storedText(pause?.reason ?? null, TEXT_LENGTH.pauseReason);
    if (reason !== old["pause_reason"])
      await statements.run(`UPDATE ${maildrops} SET pause_reason = ? WHERE id = ?`, [reason, id]);
    return [
      id,
      storedDate(notBefore),
      storedDate(lastRun),
      storedDate(lastSuccess),
      failures,
      refusals,
      loginDelayMs,
      storedText(pause?.code ?? null, TEXT_LENGTH.reasonCode),
      pause?.digest ?? null,
    ];
  }

  #rows(end: string, maildrop?: string): Promise<readonly Row[]> {
    return this.#gateway.read((statements) => {
      const { dialect } = statements;
      const dates = DATES.map((column) => dialect.date(`s.${column}`, column));
      return statements.rows(
        `SELECT d.name AS name, d.pause_reason AS pause_reason, ${[...dates, ...FACTS].join(", ")}
         FROM ${this.#names.standing} s JOIN ${this.#names.maildrop} d ON d.id = s.maildrop_id ${end}`,
        maildrop === undefined ? [] : [dialect.exactText(maildrop)],
      );
    });
  }
}

function byCodeUnits(one: string, other: string): number {
  return Number(one > other) - Number(one < other);
}

function expectStandings(all: ReadonlyMap<string, StoredStanding>): void {
  const given: object = all;
  if (!(given instanceof Map)) throw new ArgumentError("all", "a Map of standings by maildrops' names", all);
  for (const [maildrop, standing] of all) {
    expectText("all: a maildrop", maildrop);
    expectStanding(standing);
  }
}

function expectStanding(standing: StoredStanding): void {
  expectObject("all: a standing", standing);
  const { notBefore, lastRun, lastSuccess, failures, refusals, loginDelayMs, pause } = standing;
  for (const [name, time] of Object.entries({ notBefore, lastRun, lastSuccess }))
    if (time !== null) expectTime(`all: ${name}`, time);
  expectLimit("all: failures", failures);
  expectLimit("all: refusals", refusals);
  expectMilliseconds("all: loginDelayMs", loginDelayMs, 0);
  if (pause === null) return;
  expectObject("all: pause", pause);
  expectText("all: pause.code", pause.code);
  expectText("all: pause.reason", pause.reason);
  if (pause.digest !== null) expectOctets("all: pause.digest", pause.digest);
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
