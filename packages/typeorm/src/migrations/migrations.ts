import type { MigrationInterface, QueryRunner } from "typeorm";
import type { Dialect } from "../database/dialect.ts";
import { type TableNames, tableNames } from "../schema/table-names.ts";
import { addAddresses, dropAddresses } from "./add-addresses.ts";
import { addHeaderColumns, keepHeaderColumns } from "./add-header-columns.ts";
import { addLogins, dropLogins } from "./add-logins.ts";
import { addServiceTables, dropServiceTables } from "./add-service-tables.ts";
import { addWorkers, dropWorkers } from "./add-workers.ts";
import { createTables, dropTables } from "./create-tables.ts";
import { createTokens, dropTokens } from "./create-tokens.ts";
import { keepIndexes, lightenIndexes } from "./lighten-indexes.ts";

/**
 * The migrations' names as TypeORM's migrations table holds them, oldest first. The prefix is part of them, so that
 * two stores in one DataSource each get their own; TypeORM wants 13 digits of milliseconds at the end.
 */
export function migrationNames(tablePrefix?: string): readonly string[] {
  const names = tableNames(tablePrefix);
  return STEPS.map(({ name }) => `${names.prefix}${name}`);
}

/** What a migration runs. */
interface Step {
  readonly name: string;
  readonly up: (dialect: Dialect, names: TableNames) => readonly string[];
  readonly down: (names: TableNames) => readonly string[];
}

const STEPS: readonly Step[] = [
  { name: "create_tables_1790000000000", up: createTables, down: dropTables },
  { name: "create_tokens_1790000100000", up: createTokens, down: dropTokens },
  { name: "add_service_tables_1790000200000", up: addServiceTables, down: dropServiceTables },
  { name: "add_addresses_1790000300000", up: addAddresses, down: dropAddresses },
  { name: "lighten_indexes_1790000400000", up: lightenIndexes, down: keepIndexes },
  { name: "add_header_columns_1790000500000", up: addHeaderColumns, down: keepHeaderColumns },
  { name: "add_logins_1790000510000", up: addLogins, down: dropLogins },
  { name: "add_workers_1790000700000", up: addWorkers, down: dropWorkers },
];

/** A migration class, as TypeORM's option `migrations` takes it. */
export type MigrationClass = new () => MigrationInterface;

/**
 * The migrations of a dialect and prefix, oldest first, for the `migrations` of a user's own DataSource. They may be
 * run again after they broke off half way. Two processes must not run them at once; {@link openStore} sees to that.
 */
export function mailonceMigrations(dialect: Dialect, tablePrefix?: string): readonly MigrationClass[] {
  const names = tableNames(tablePrefix);
  return STEPS.map(
    ({ name, up, down }) =>
      class implements MigrationInterface {
        readonly name = `${names.prefix}${name}`;

        up(queryRunner: QueryRunner): Promise<void> {
          return inTurn(queryRunner, up(dialect, names));
        }

        down(queryRunner: QueryRunner): Promise<void> {
          return inTurn(queryRunner, down(names));
        }
      },
  );
}

async function inTurn(queryRunner: QueryRunner, statements: readonly string[]): Promise<void> {
  for (const statement of statements) {
    try {
      await queryRunner.query(statement);
    } catch (error) {
      // Only MariaDB has ADD COLUMN IF NOT EXISTS.
      if (!isColumnThere(error)) throw error;
    }
  }
}

/** MySQL's and MariaDB's number for it, and SQLite's words. */
function isColumnThere(error: unknown): boolean {
  const { errno, message } = error as { readonly errno?: unknown; readonly message?: unknown };
  return errno === 1060 || String(message).includes("duplicate column name");
}
