import type { Value } from "../values/row.ts";
import type { Statements } from "./gateway.ts";

/**
 * Locks the rows that a select finds until the transaction ends; does nothing where a transaction is alone anyway.
 *
 * A statement of its own, to be followed by the one that looks at the rows: what a statement takes for the present is when
 * it began, so one that waits for a lock and reads the time tells the time before the wait.
 */
export async function lockRows(
  statements: Statements,
  select: string,
  values: readonly Value[],
): Promise<void> {
  const { forUpdate } = statements.dialect;
  if (forUpdate !== "") await statements.rows(`${select}${forUpdate}`, values);
}
