import type { Dialect } from "../database/dialect.ts";
import type { TableNames } from "../schema/table-names.ts";

/**
 * The statements that bring which workers there are. History: change no statement here, write another migration.
 */
export function addWorkers(dialect: Dialect, names: TableNames): readonly string[] {
  return dialect === "sqlite" ? onSqlite(names) : onServer(names);
}

/** The statement that takes it away again. */
export function dropWorkers({ worker }: TableNames): readonly string[] {
  return [`DROP TABLE IF EXISTS ${worker}`];
}

function onServer({ worker }: TableNames): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${worker} (
      owner varbinary(255) NOT NULL,
      queue varchar(100) NOT NULL,
      expires_at datetime(3) NOT NULL,
      CONSTRAINT ${worker}_pk PRIMARY KEY (owner)
    ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC`,
  ];
}

function onSqlite({ worker }: TableNames): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS "${worker}" (
      "owner" varchar(255) NOT NULL,
      "queue" varchar(100) NOT NULL,
      "expires_at" datetime NOT NULL,
      CONSTRAINT "${worker}_pk" PRIMARY KEY ("owner")
    )`,
  ];
}
