import type { Row, Value } from "../values/row.ts";
import type { Dialect } from "./dialect.ts";
import type { Statements } from "./gateway.ts";

/** The statements of work that may only read: they lock nothing, and a write fails with the reason why it may not. */
export class ReadOnlyStatements implements Statements {
  readonly dialect: Dialect;
  readonly statementOctets: number;
  readonly #statements: Statements;
  readonly #reason: unknown;

  constructor(statements: Statements, reason: unknown) {
    this.#statements = statements;
    this.#reason = reason;
    this.dialect = { ...statements.dialect, forUpdate: "" };
    this.statementOctets = statements.statementOctets;
  }

  rows(sql: string, values: readonly Value[]): Promise<readonly Row[]> {
    return this.#statements.rows(sql, values);
  }

  run(): Promise<number> {
    return Promise.reject(this.#reason);
  }
}
