import type { MailonceError } from "@mailonce/core";
import type { Dialect } from "./dialect.ts";
import type { Row, Statements, Value } from "./gateway.ts";

/** Errors of servers that let somebody read and not lock: what is granted, a server that is read-only. */
const READING_ONLY: ReadonlySet<unknown> = new Set([1142, 1143, 1227, 1290, 1792, 1836]);

/** True if a transaction could not begin for a reason that leaves reading possible. */
export function mayStillLook(error: unknown): boolean {
  const { code, cause } = error as MailonceError;
  if (code === "store-newer") return true;
  const { errno, code: causeCode } = (cause ?? {}) as { readonly errno?: unknown; readonly code?: unknown };
  return (
    READING_ONLY.has(errno) || (typeof causeCode === "string" && causeCode.startsWith("SQLITE_READONLY"))
  );
}

/** The statements of work that may only look: they lock nothing, and who writes gets the reason why that is not to be. */
export class LookingStatements implements Statements {
  readonly dialect: Dialect;
  readonly statementOctets: number;
  readonly #statements: Statements;
  readonly #reason: unknown;

  constructor(statements: Statements, reason: unknown) {
    this.#statements = statements;
    this.#reason = reason;
    this.dialect = statements.dialect;
    this.statementOctets = statements.statementOctets;
  }

  rows(sql: string, values: readonly Value[]): Promise<readonly Row[]> {
    return this.#statements.rows(sql.replace(/ FOR UPDATE$/, ""), values);
  }

  run(): Promise<number> {
    return Promise.reject(this.#reason);
  }
}
