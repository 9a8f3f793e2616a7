import { MailonceError } from "@mailonce/core";
import { isMissingTable } from "../store-error.ts";
import type { TableNames } from "../table-names.ts";
import { migrationNames } from "./migrations.ts";

/** How far a database is: none of the store's migrations has run, some have, or all. */
export type SchemaState = "missing" | "outdated" | "current";

/**
 * How far the migrations have come, by the migrations table alone: that is one query, so that a start with nothing to
 * do takes no lock.
 *
 * @param select runs a select without parameters; its error for a missing table means "missing"
 */
export async function schemaState(
  names: TableNames,
  select: (sql: string) => Promise<readonly unknown[]>,
): Promise<SchemaState> {
  let rows: readonly unknown[];
  try {
    rows = await select(`SELECT name FROM ${names.migrations}`);
  } catch (error) {
    if (isMissingTable(error)) return "missing";
    throw error;
  }
  const done = new Set(rows.map((row) => String((row as { name: unknown }).name)));
  const wanted = migrationNames(names.prefix);
  if (wanted.every((name) => done.has(name))) return "current";
  return wanted.some((name) => done.has(name)) ? "outdated" : "missing";
}

/** For a store that is opened without changing it, but cannot be read as it is. */
export function outdatedError(place: string): MailonceError {
  return new MailonceError(
    "store-outdated",
    `${place} was made by an older version: fetch once to bring it up to date.`,
  );
}
