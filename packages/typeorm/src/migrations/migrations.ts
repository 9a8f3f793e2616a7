import type { MigrationInterface, QueryRunner } from "typeorm";
import type { Dialect } from "../dialect.ts";
import { tableNames } from "../table-names.ts";
import { createTables, dropTables } from "./create-tables.ts";

/**
 * The migrations' names as TypeORM's migrations table holds them, oldest first. The prefix is part of them, so that
 * two stores in one DataSource each get their own; TypeORM wants 13 digits of milliseconds at the end.
 */
export function migrationNames(tablePrefix?: string): readonly [createTables: string] {
  return [`${tableNames(tablePrefix).prefix}create_tables_1790000000000`];
}

/** A migration class, as TypeORM's option `migrations` takes it. */
export type MigrationClass = new () => MigrationInterface;

/**
 * The migrations of a dialect and prefix, oldest first, for the `migrations` of a user's own DataSource. They may be
 * run again after they broke off half way. Two processes must not run them at once; {@link openStore} sees to that.
 */
export function mailonceMigrations(dialect: Dialect, tablePrefix?: string): readonly MigrationClass[] {
  const names = tableNames(tablePrefix);
  const [createTablesName] = migrationNames(tablePrefix);
  return [
    class implements MigrationInterface {
      readonly name = createTablesName;

      up(queryRunner: QueryRunner): Promise<void> {
        return inTurn(queryRunner, createTables(dialect, names));
      }

      down(queryRunner: QueryRunner): Promise<void> {
        return inTurn(queryRunner, dropTables(names));
      }
    },
  ];
}

async function inTurn(queryRunner: QueryRunner, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await queryRunner.query(statement);
}
