import type { Statements } from "./gateway.ts";

/** The statements of work that may only read: they lock nothing, and a write fails with the reason why it may not. */
export function readOnlyStatements(statements: Statements, reason: unknown): Statements {
  return {
    dialect: { ...statements.dialect, forUpdate: "" },
    statementOctets: statements.statementOctets,
    rows: (sql, values) => statements.rows(sql, values),
    run: () => Promise.reject(reason),
    inserter: () => ({ add: () => Promise.reject(reason), flush: () => undefined }),
  };
}
