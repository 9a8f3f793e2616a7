import type { Dialect } from "../database/dialect.ts";
import type { TableNames } from "../schema/table-names.ts";

/**
 * The statements that create the tables as of version 0.1. They are history: change no statement here, write another
 * migration. Each can run again after a migration that broke off half way (MySQL commits every one by itself).
 */
export function createTables(dialect: Dialect, names: TableNames): readonly string[] {
  return dialect === "sqlite" ? onSqlite(names) : onServer(names);
}

/** The statements that drop them again, in the order that the foreign keys need. */
export function dropTables(names: TableNames): readonly string[] {
  const { outbox, messageChunk, ledgerEntry, message, maildrop } = names;
  return [outbox, messageChunk, ledgerEntry, message, maildrop].map(
    (table) => `DROP TABLE IF EXISTS ${table}`,
  );
}

function onServer({ maildrop, ledgerEntry, message, messageChunk, outbox }: TableNames): readonly string[] {
  const options = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC";
  // The rules of the foreign keys are spelled out: left out, MariaDB reports RESTRICT, MySQL NO ACTION.
  return [
    `CREATE TABLE IF NOT EXISTS ${maildrop} (
      id int NOT NULL AUTO_INCREMENT,
      name varbinary(512) NOT NULL,
      mark_criteria_digest binary(32) NULL,
      mark_count int NULL,
      mark_uidl_octets bigint NULL,
      mark_list_octets bigint NULL,
      mark_digest binary(32) NULL,
      generation int NOT NULL,
      unique_ids_trusted tinyint(1) NOT NULL,
      top_proven tinyint(1) NULL,
      retrieval_hides tinyint(1) NOT NULL,
      sequential tinyint(1) NOT NULL,
      utf8_sent tinyint(1) NULL,
      ended_cleanly tinyint(1) NOT NULL,
      last_count int NOT NULL,
      pause_reason varchar(1000) NULL,
      last_run_at datetime(3) NULL,
      lease_token varchar(64) NULL,
      lease_owner varchar(512) NULL,
      lease_expires_at datetime(3) NULL,
      CONSTRAINT ${maildrop}_pk PRIMARY KEY (id),
      CONSTRAINT ${maildrop}_name_uq UNIQUE KEY ${maildrop}_name_uq (name)
    ) ${options}`,
    `CREATE TABLE IF NOT EXISTS ${message} (
      id binary(16) NOT NULL,
      maildrop_id int NOT NULL,
      digest binary(32) NOT NULL,
      copy_number int NOT NULL,
      sha256 binary(32) NOT NULL,
      octets bigint NOT NULL,
      message_id_header varchar(1000) NULL,
      subject varchar(1000) NULL,
      from_header varchar(2000) NULL,
      to_header varchar(2000) NULL,
      date_header datetime(3) NULL,
      stored_at datetime(3) NOT NULL,
      CONSTRAINT ${message}_pk PRIMARY KEY (id),
      CONSTRAINT ${message}_copy_uq UNIQUE KEY ${message}_copy_uq (maildrop_id, digest, copy_number),
      KEY ${message}_stored_ix (maildrop_id, id),
      CONSTRAINT ${message}_maildrop_fk FOREIGN KEY (maildrop_id) REFERENCES ${maildrop} (id) ON DELETE NO ACTION ON UPDATE NO ACTION
    ) ${options}`,
    `CREATE TABLE IF NOT EXISTS ${ledgerEntry} (
      maildrop_id int NOT NULL,
      identity varbinary(255) NOT NULL,
      class_unique_id varbinary(255) NULL,
      disposition varchar(10) NOT NULL,
      message_id binary(16) NULL,
      octets bigint NULL,
      header_digest binary(32) NULL,
      core_octets bigint NULL,
      strong tinyint(1) NOT NULL,
      bound tinyint(1) NOT NULL,
      occurrences int NOT NULL,
      criteria_digest binary(32) NULL,
      attempts int NOT NULL,
      reason_code varchar(100) NULL,
      reason_message varchar(1000) NULL,
      due_at datetime(3) NULL,
      first_seen_at datetime(3) NOT NULL,
      CONSTRAINT ${ledgerEntry}_pk PRIMARY KEY (maildrop_id, identity),
      KEY ${ledgerEntry}_class_ix (maildrop_id, class_unique_id),
      KEY ${ledgerEntry}_message_ix (message_id),
      KEY ${ledgerEntry}_header_ix (maildrop_id, header_digest, core_octets),
      KEY ${ledgerEntry}_due_ix (maildrop_id, due_at),
      CONSTRAINT ${ledgerEntry}_maildrop_fk FOREIGN KEY (maildrop_id) REFERENCES ${maildrop} (id) ON DELETE NO ACTION ON UPDATE NO ACTION,
      CONSTRAINT ${ledgerEntry}_message_fk FOREIGN KEY (message_id) REFERENCES ${message} (id) ON DELETE NO ACTION ON UPDATE NO ACTION
    ) ${options}`,
    `CREATE TABLE IF NOT EXISTS ${messageChunk} (
      message_id binary(16) NOT NULL,
      seq int NOT NULL,
      content mediumblob NOT NULL,
      CONSTRAINT ${messageChunk}_pk PRIMARY KEY (message_id, seq),
      CONSTRAINT ${messageChunk}_message_fk FOREIGN KEY (message_id) REFERENCES ${message} (id) ON DELETE CASCADE ON UPDATE NO ACTION
    ) ${options}`,
    `CREATE TABLE IF NOT EXISTS ${outbox} (
      message_id binary(16) NOT NULL,
      hook varbinary(255) NOT NULL,
      idempotency_key binary(16) NOT NULL,
      attempts int NOT NULL,
      due_at datetime(3) NULL,
      delivered_at datetime(3) NULL,
      reason_code varchar(100) NULL,
      reason_message varchar(1000) NULL,
      created_at datetime(3) NOT NULL,
      CONSTRAINT ${outbox}_pk PRIMARY KEY (message_id, hook),
      CONSTRAINT ${outbox}_idempotency_uq UNIQUE KEY ${outbox}_idempotency_uq (idempotency_key),
      KEY ${outbox}_due_ix (delivered_at, due_at),
      CONSTRAINT ${outbox}_message_fk FOREIGN KEY (message_id) REFERENCES ${message} (id) ON DELETE CASCADE ON UPDATE NO ACTION
    ) ${options}`,
  ];
}

function onSqlite({ maildrop, ledgerEntry, message, messageChunk, outbox }: TableNames): readonly string[] {
  // TypeORM reads the schema back with patterns that want every identifier in double quotes.
  return [
    `CREATE TABLE IF NOT EXISTS "${maildrop}" (
      "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
      "name" varchar(512) NOT NULL,
      "mark_criteria_digest" blob,
      "mark_count" integer,
      "mark_uidl_octets" bigint,
      "mark_list_octets" bigint,
      "mark_digest" blob,
      "generation" integer NOT NULL,
      "unique_ids_trusted" boolean NOT NULL,
      "top_proven" boolean,
      "retrieval_hides" boolean NOT NULL,
      "sequential" boolean NOT NULL,
      "utf8_sent" boolean,
      "ended_cleanly" boolean NOT NULL,
      "last_count" integer NOT NULL,
      "pause_reason" varchar(1000),
      "last_run_at" datetime,
      "lease_token" varchar(64),
      "lease_owner" varchar(512),
      "lease_expires_at" datetime,
      CONSTRAINT "${maildrop}_name_uq" UNIQUE ("name")
    )`,
    `CREATE TABLE IF NOT EXISTS "${message}" (
      "id" blob NOT NULL,
      "maildrop_id" integer NOT NULL,
      "digest" blob NOT NULL,
      "copy_number" integer NOT NULL,
      "sha256" blob NOT NULL,
      "octets" bigint NOT NULL,
      "message_id_header" varchar(1000),
      "subject" varchar(1000),
      "from_header" varchar(2000),
      "to_header" varchar(2000),
      "date_header" datetime,
      "stored_at" datetime NOT NULL,
      CONSTRAINT "${message}_pk" PRIMARY KEY ("id"),
      CONSTRAINT "${message}_copy_uq" UNIQUE ("maildrop_id", "digest", "copy_number"),
      CONSTRAINT "${message}_maildrop_fk" FOREIGN KEY ("maildrop_id") REFERENCES "${maildrop}" ("id") ON DELETE NO ACTION ON UPDATE NO ACTION
    )`,
    `CREATE INDEX IF NOT EXISTS "${message}_stored_ix" ON "${message}" ("maildrop_id", "id")`,
    `CREATE TABLE IF NOT EXISTS "${ledgerEntry}" (
      "maildrop_id" integer NOT NULL,
      "identity" blob NOT NULL,
      "class_unique_id" blob,
      "disposition" varchar(10) NOT NULL,
      "message_id" blob,
      "octets" bigint,
      "header_digest" blob,
      "core_octets" bigint,
      "strong" boolean NOT NULL,
      "bound" boolean NOT NULL,
      "occurrences" integer NOT NULL,
      "criteria_digest" blob,
      "attempts" integer NOT NULL,
      "reason_code" varchar(100),
      "reason_message" varchar(1000),
      "due_at" datetime,
      "first_seen_at" datetime NOT NULL,
      CONSTRAINT "${ledgerEntry}_pk" PRIMARY KEY ("maildrop_id", "identity"),
      CONSTRAINT "${ledgerEntry}_maildrop_fk" FOREIGN KEY ("maildrop_id") REFERENCES "${maildrop}" ("id") ON DELETE NO ACTION ON UPDATE NO ACTION,
      CONSTRAINT "${ledgerEntry}_message_fk" FOREIGN KEY ("message_id") REFERENCES "${message}" ("id") ON DELETE NO ACTION ON UPDATE NO ACTION
    ) WITHOUT ROWID`,
    `CREATE INDEX IF NOT EXISTS "${ledgerEntry}_class_ix" ON "${ledgerEntry}" ("maildrop_id", "class_unique_id")`,
    `CREATE INDEX IF NOT EXISTS "${ledgerEntry}_message_ix" ON "${ledgerEntry}" ("message_id")`,
    `CREATE INDEX IF NOT EXISTS "${ledgerEntry}_header_ix" ON "${ledgerEntry}" ("maildrop_id", "header_digest", "core_octets")`,
    `CREATE INDEX IF NOT EXISTS "${ledgerEntry}_due_ix" ON "${ledgerEntry}" ("maildrop_id", "due_at")`,
    `CREATE TABLE IF NOT EXISTS "${messageChunk}" (
      "message_id" blob NOT NULL,
      "seq" integer NOT NULL,
      "content" blob NOT NULL,
      CONSTRAINT "${messageChunk}_pk" PRIMARY KEY ("message_id", "seq"),
      CONSTRAINT "${messageChunk}_message_fk" FOREIGN KEY ("message_id") REFERENCES "${message}" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
    )`,
    `CREATE TABLE IF NOT EXISTS "${outbox}" (
      "message_id" blob NOT NULL,
      "hook" varchar(255) NOT NULL,
      "idempotency_key" blob NOT NULL,
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
    `CREATE INDEX IF NOT EXISTS "${outbox}_due_ix" ON "${outbox}" ("delivered_at", "due_at")`,
  ];
}
