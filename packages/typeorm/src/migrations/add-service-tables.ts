import type { Dialect } from "../database/dialect.ts";
import type { TableNames } from "../schema/table-names.ts";

/**
 * The statements that bring what a service needs: accounts kept in the database, how each maildrop stands with its
 * server, and an outbox that is read in order. Nothing ever wrote to the first outbox, so it is made anew. History:
 * change no statement here, write another migration.
 */
export function addServiceTables(dialect: Dialect, names: TableNames): readonly string[] {
  return dialect === "sqlite" ? onSqlite(names) : onServer(names);
}

/** The statements that take them away again. The outbox goes with the first migration. */
export function dropServiceTables({ account, standing }: TableNames): readonly string[] {
  return [account, standing].map((table) => `DROP TABLE IF EXISTS ${table}`);
}

function onServer({ maildrop, message, outbox, account, standing }: TableNames): readonly string[] {
  const options = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC";
  return [
    `DROP TABLE IF EXISTS ${outbox}`,
    `CREATE TABLE IF NOT EXISTS ${outbox} (
      message_id binary(16) NOT NULL,
      hook varbinary(255) NOT NULL,
      maildrop_id int NOT NULL,
      idempotency_key binary(16) NOT NULL,
      state varchar(10) NOT NULL,
      attempts int NOT NULL,
      due_at datetime(3) NULL,
      delivered_at datetime(3) NULL,
      reason_code varchar(100) NULL,
      reason_message varchar(1000) NULL,
      created_at datetime(3) NOT NULL,
      CONSTRAINT ${outbox}_pk PRIMARY KEY (message_id, hook),
      CONSTRAINT ${outbox}_idempotency_uq UNIQUE KEY ${outbox}_idempotency_uq (idempotency_key),
      KEY ${outbox}_lane_ix (state, maildrop_id, hook, message_id),
      CONSTRAINT ${outbox}_message_fk FOREIGN KEY (message_id) REFERENCES ${message} (id) ON DELETE CASCADE ON UPDATE NO ACTION
    ) ${options}`,
    `CREATE TABLE IF NOT EXISTS ${account} (
      name varbinary(512) NOT NULL,
      settings varchar(8000) NOT NULL,
      changed_at datetime(3) NOT NULL,
      CONSTRAINT ${account}_pk PRIMARY KEY (name)
    ) ${options}`,
    `CREATE TABLE IF NOT EXISTS ${standing} (
      maildrop_id int NOT NULL,
      not_before_at datetime(3) NULL,
      last_run_at datetime(3) NULL,
      last_success_at datetime(3) NULL,
      failures int NOT NULL,
      refusals int NOT NULL,
      login_delay_ms bigint NOT NULL,
      pause_code varchar(100) NULL,
      pause_digest binary(32) NULL,
      CONSTRAINT ${standing}_pk PRIMARY KEY (maildrop_id),
      CONSTRAINT ${standing}_maildrop_fk FOREIGN KEY (maildrop_id) REFERENCES ${maildrop} (id) ON DELETE CASCADE ON UPDATE NO ACTION
    ) ${options}`,
  ];
}

function onSqlite({ maildrop, message, outbox, account, standing }: TableNames): readonly string[] {
  return [
    `DROP TABLE IF EXISTS "${outbox}"`,
    `CREATE TABLE IF NOT EXISTS "${outbox}" (
      "message_id" blob NOT NULL,
      "hook" varchar(255) NOT NULL,
      "maildrop_id" integer NOT NULL,
      "idempotency_key" blob NOT NULL,
      "state" varchar(10) NOT NULL,
      "attempts" integer NOT NULL,
      "due_at" datetime,
      "delivered_at" datetime,
      "reason_code" varchar(100),
      "reason_message" varchar(1000),
      "created_at" datetime NOT NULL,
      CONSTRAINT "${outbox}_pk" PRIMARY KEY ("message_id", "hook"),
      CONSTRAINT "${outbox}_idempotency_uq" UNIQUE ("idempotency_key"),
      CONSTRAINT "${outbox}_message_fk" FOREIGN KEY ("message_id") REFERENCES "${message}" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
    )`,
    `CREATE INDEX IF NOT EXISTS "${outbox}_lane_ix" ON "${outbox}" ("state", "maildrop_id", "hook", "message_id")`,
    `CREATE TABLE IF NOT EXISTS "${account}" (
      "name" varchar(512) NOT NULL,
      "settings" varchar(8000) NOT NULL,
      "changed_at" datetime NOT NULL,
      CONSTRAINT "${account}_pk" PRIMARY KEY ("name")
    )`,
    `CREATE TABLE IF NOT EXISTS "${standing}" (
      "maildrop_id" integer NOT NULL,
      "not_before_at" datetime,
      "last_run_at" datetime,
      "last_success_at" datetime,
      "failures" integer NOT NULL,
      "refusals" integer NOT NULL,
      "login_delay_ms" bigint NOT NULL,
      "pause_code" varchar(100),
      "pause_digest" blob,
      CONSTRAINT "${standing}_pk" PRIMARY KEY ("maildrop_id"),
      CONSTRAINT "${standing}_maildrop_fk" FOREIGN KEY ("maildrop_id") REFERENCES "${maildrop}" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
    )`,
  ];
}
