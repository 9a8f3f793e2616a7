import { MailonceError } from "@mailonce/core";
import { isMissingTable } from "../database/store-error.ts";
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

/** Runs a select without parameters; its error for a missing table means that there is no store. */
type Select = (sql: string) => Promise<readonly unknown[]>;

/**
 * How far the migrations have come, by the migrations table alone: that is one query, so that a start with nothing to
 * do takes no lock.
 */
export async function schemaState(names: TableNames, select: Select): Promise<SchemaState> {
  const { done, due } = await schemaReport(names, select);
  if (due.length === 0) return "current";
  return done.length > 0 ? "outdated" : "missing";
}

/** The same with names, and with what a later version has done. */
export async function schemaReport(names: TableNames, select: Select): Promise<SchemaReport> {
  const there = await migrationsThere(names, select);
  const wanted = migrationNames(names.prefix);
  const done = wanted.filter((name) => there.has(name));
  const due = wanted.filter((name) => !there.has(name));
  const unknown = [...there]
    .filter((name) => isOurs(name, names.prefix) && !wanted.includes(name))
    .sort(byTime);
  return { state: stateOf(done, due, unknown), done, due, unknown };
}

/** The words of a migration's name: `create_tables_1790000000000` is "create tables". */
export function migrationWords(name: string, prefix: string): string {
  return name
    .slice(prefix.length)
    .replace(/_\d{13}$/, "")
    .replaceAll("_", " ");
}

/** For a store that is opened to write to it. */
export function newerError(place: string): MailonceError {
  return new MailonceError(
    "store-newer",
    `${place} was made or changed by a later version of Mailonce, and this one writes nothing into it: use that version.`,
  );
}

async function migrationsThere(names: TableNames, select: Select): Promise<ReadonlySet<string>> {
  try {
    const rows = await select(`SELECT name FROM ${names.migrations}`);
    return new Set(rows.map((row) => String((row as { name: unknown }).name)));
  } catch (error) {
    if (isMissingTable(error)) return new Set();
    throw error;
  }
}

function stateOf(
  done: readonly string[],
  due: readonly string[],
  unknown: readonly string[],
): SchemaReport["state"] {
  if (unknown.length > 0) return "newer";
  if (due.length === 0) return "current";
  return done.length > 0 ? "outdated" : "missing";
}

/** TypeORM's table may hold the migrations of a program's own tables, too: those of ours are named in one way. */
function isOurs(name: string, prefix: string): boolean {
  return name.startsWith(prefix) && /^[a-z0-9]+(?:_[a-z0-9]+)*_\d{13}$/.test(name.slice(prefix.length));
}

function byTime(one: string, other: string): number {
  return Number(one.slice(-13)) - Number(other.slice(-13));
}
