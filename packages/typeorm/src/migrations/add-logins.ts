import type { Dialect } from "../database/dialect.ts";
import type { TableNames } from "../schema/table-names.ts";

/**
 * The statements that bring what is remembered of logins that worked, and of the mailboxes that maildrops began with. No
 * foreign keys: these are notes that no mail rests on, and a maildrop that goes takes them along (unused-maildrop.ts).
 * History: change no statement here, write another migration.
 */
export function addLogins(dialect: Dialect, names: TableNames): readonly string[] {
  return dialect === "sqlite" ? onSqlite(names) : onServer(names);
}

/** The statements that take them away again. */
export function dropLogins({ login, firstRun }: TableNames): readonly string[] {
  return [login, firstRun].map((table) => `DROP TABLE IF EXISTS ${table}`);
}

function onServer({ login, firstRun }: TableNames): readonly string[] {
  const options = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC";
  return [
    `CREATE TABLE IF NOT EXISTS ${login} (
      maildrop_id int NOT NULL,
      salt binary(16) NOT NULL,
      digest binary(32) NOT NULL,
      fingerprint binary(32) NULL,
      refusals int NOT NULL,
      refused_since datetime(3) NULL,
      CONSTRAINT ${login}_pk PRIMARY KEY (maildrop_id)
    ) ${options}`,
    `CREATE TABLE IF NOT EXISTS ${firstRun} (
      maildrop_id int NOT NULL,
      digest binary(32) NULL,
      apart tinyint(1) NOT NULL,
      CONSTRAINT ${firstRun}_pk PRIMARY KEY (maildrop_id),
      KEY ${firstRun}_digest_ix (digest)
    ) ${options}`,
  ];
}

function onSqlite({ login, firstRun }: TableNames): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS "${login}" (
      "maildrop_id" integer NOT NULL,
      "salt" blob NOT NULL,
      "digest" blob NOT NULL,
      "fingerprint" blob,
      "refusals" integer NOT NULL,
      "refused_since" datetime,
      CONSTRAINT "${login}_pk" PRIMARY KEY ("maildrop_id")
    )`,
    `CREATE TABLE IF NOT EXISTS "${firstRun}" (
      "maildrop_id" integer NOT NULL,
      "digest" blob,
      "apart" boolean NOT NULL,
      CONSTRAINT "${firstRun}_pk" PRIMARY KEY ("maildrop_id")
    )`,
    `CREATE INDEX IF NOT EXISTS "${firstRun}_digest_ix" ON "${firstRun}" ("digest")`,
  ];
}
