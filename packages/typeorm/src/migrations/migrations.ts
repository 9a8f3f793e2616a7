import type { MigrationInterface, QueryRunner } from "typeorm";
import { type TableNames, tableNames } from "../schema/table-names.ts";
import { type MigrationStatements, STEPS } from "./steps.ts";

/** A migration class, as TypeORM's option `migrations` takes it. */
export type MigrationClass = new () => MigrationInterface;

/**
 * The migrations' names as TypeORM's migrations table holds them, oldest first. The prefix is part of them, so that
 * two stores in one DataSource each get their own.
 */
export function migrationNames(tablePrefix?: string): readonly string[] {
  const { prefix } = tableNames(tablePrefix);
  return STEPS.map(({ name }) => `${prefix}${name}`);
}

/** The migrations with a dialect's statements, oldest first. They can be run again after they broke off half way. */
export function migrationsOf(statements: MigrationStatements, names: TableNames): MigrationClass[] {
  return STEPS.map(
    ({ key, name, made }) =>
      class implements MigrationInterface {
        readonly name = `${names.prefix}${name}`;

        async up(queryRunner: QueryRunner): Promise<void> {
          for (const statement of statements[key](names)) {
            try {
              await queryRunner.query(statement);
            } catch (error) {
              if (!statements.isColumnThere(error)) throw error;
            }
          }
        }

        async down(queryRunner: QueryRunner): Promise<void> {
          for (const table of made(names)) await queryRunner.query(`DROP TABLE IF EXISTS ${table}`);
        }
      },
  );
}
