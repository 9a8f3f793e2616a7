import { DataSource, EntitySchema } from "typeorm";
import { mailonceEntities, mailonceMigrations, SqliteDatabase } from "../src/index.ts";
import type { BetterSqlite3Driver } from "../src/sqlite/better-sqlite3-adapter.ts";

/** A row of a program's own. */
export interface Note {
  id?: number;
  text: string;
}

const noteSchema = new EntitySchema<Note>({
  name: "note",
  columns: {
    id: { type: "integer", primary: true, generated: "increment" },
    text: { type: "text" },
  },
});

/** A program's own DataSource, with a table of its own and those of the store. */
export async function programDataSource(
  file: string,
  driver: BetterSqlite3Driver = SqliteDatabase,
): Promise<DataSource> {
  const dataSource = new DataSource({
    type: "better-sqlite3",
    driver,
    database: file,
    entities: [noteSchema, ...Object.values(mailonceEntities("sqlite"))],
    migrations: [...mailonceMigrations("sqlite")],
    migrationsTableName: "mailonce_migrations",
    // A program that waits inside SQLite stops the process: where that happens, the test does not end in time.
    timeout: 60_000,
  });
  await dataSource.initialize();
  await dataSource.runMigrations();
  await dataSource.query(
    "CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL)",
  );
  return dataSource;
}

export function notes(dataSource: DataSource) {
  return dataSource.getRepository<Note>("note");
}
