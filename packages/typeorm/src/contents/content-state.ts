import type { Statements } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";
import { readDate } from "../values/stored-date.ts";

/** A message that was tried so often is given up. */
export const MOST_ATTEMPTS = 3;

/**
 * What `content_state` says of a message. A message without a row was never looked at.
 *
 * `claimed`: somebody reads it. `released`: it was given back before it was tried. `tried`: it failed, and is to be tried again.
 * `failed`: it was given up. `made`: its rows are there. `complete`: its rows are there, and of its attachments what is to be kept.
 */
export type State = "claimed" | "released" | "tried" | "failed" | "made" | "complete";

/** `FROM content_state s`, by state. */
export function fromStates({ dialect }: Pick<Statements, "dialect">, { contentState }: TableNames): string {
  return `FROM ${contentState} s${dialect.useIndex(`${contentState}_state_ix`)}`;
}

/** Numbers of rows that are asked for: few, so that each statement is prepared once. */
const LIMITS = [1, 10, 100, 1000] as const;

/** The number of rows to ask for where no more than so many are wanted. */
export function limitOf(wanted: number): number {
  return LIMITS.find((fits) => fits >= wanted) ?? wanted;
}

/** The database's present time in milliseconds. */
export async function presentOf(statements: Statements): Promise<number> {
  const { dialect } = statements;
  const [row] = await statements.rows(`SELECT ${dialect.date(dialect.now, "present")}`, []);
  return readDate(row?.["present"])?.getTime() ?? Date.now();
}

/** Keys in the order in which rows are locked. */
export function sortedKeys(keys: readonly Uint8Array[]): readonly Uint8Array[] {
  return keys.toSorted((one, other) => Buffer.compare(one, other));
}
