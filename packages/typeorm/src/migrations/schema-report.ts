import { MailonceError } from "@mailonce/core";
import type { TableNames } from "../schema/table-names.ts";
import { migrationNames } from "./migrations.ts";

/** How far a database is: none of the store's migrations has run, some have, or all. */
export type SchemaState = "missing" | "outdated" | "current";

/** What is known of a database's migrations, each by its name, oldest first. */
export interface SchemaReport {
  /** `newer`: a later version of this program has made or changed the tables. */
  readonly state: SchemaState | "newer";
  readonly done: readonly string[];
  readonly due: readonly string[];
  /** Those of a later version. */
  readonly unknown: readonly string[];
}

/** Runs a select without parameters. Null: its table is not there. */
export type Select = (sql: string) => Promise<readonly unknown[] | null>;

/**
 * How far the migrations have come, by the migrations table alone: that is one query, so that a start with nothing to
 * do takes no lock.
 */
export async function schemaState(names: TableNames, select: Select): Promise<SchemaState> {
  const { done, due } = await schemaReport(names, select);
  return stateOf(done, due);
}

/** The same with the migrations' names, and with what a later version has done. */
export async function schemaReport(names: TableNames, select: Select): Promise<SchemaReport> {
  const rows = (await select(`SELECT name FROM ${names.migrations}`)) ?? [];
  const there = new Set(rows.map((row) => String((row as { name: unknown }).name)));
  const wanted = migrationNames(names.prefix);
  const done = wanted.filter((name) => there.has(name));
  const due = wanted.filter((name) => !there.has(name));
  const unknown = [...there]
    .filter((name) => isOurs(name, names.prefix) && !wanted.includes(name))
    .sort((one, other) => timeOf(one) - timeOf(other));
  return { state: unknown.length > 0 ? "newer" : stateOf(done, due), done, due, unknown };
}

/** The words of a migration's name: `create_tables_1790000000000` is "create tables". */
export function migrationWords(name: string, prefix: string): string {
  return name
    .slice(prefix.length)
    .replace(/_\d{13}$/, "")
    .replaceAll("_", " ");
}

/** The error of who wants to write to a database that a later version has made or changed. */
export function newerError(place: string): MailonceError {
  return new MailonceError(
    "store-newer",
    `${place} was made or changed by a later version of Mailonce, and this one writes nothing into it: use that version.`,
  );
}

function stateOf(done: readonly string[], due: readonly string[]): SchemaState {
  if (due.length === 0) return "current";
  return done.length > 0 ? "outdated" : "missing";
}

/** TypeORM's table may hold the migrations of a program's own tables, too: those of ours are named in one way. */
function isOurs(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && /^[a-z0-9]+(?:_[a-z0-9]+)*_\d{13}$/.test(name.slice(prefix.length));
}

function timeOf(name: string): number {
  return Number(name.slice(-13));
}
