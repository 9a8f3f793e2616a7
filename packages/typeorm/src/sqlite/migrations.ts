import type { MigrationStatements } from "../migrations/steps.ts";
import { indexOf } from "./word-index.ts";

/**
 * What the migrations run on SQLite. This is history: write another migration instead of changing one of these. Each
 * statement can run again after a migration that broke off half way. Names in CREATE statements are in double quotes,
 * because TypeORM reads the schema back with patterns that want them.
 */
export const SQLITE_MIGRATIONS: MigrationStatements = {
  createTables: ({ maildrop, ledgerEntry, message, messageChunk, outbox }) => [
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
  ],
  createTokens: ({ oauth2Token }) => [
    `CREATE TABLE IF NOT EXISTS "${oauth2Token}" (
      "account" varchar(512) NOT NULL,
      "version" varchar(36) NOT NULL,
      "sealed" blob NOT NULL,
      "refusal_code" varchar(100),
      "refusal_message" varchar(1000),
      "claim_token" varchar(64),
      "claim_owner" varchar(512),
      "claim_expires_at" datetime,
      "changed_at" datetime NOT NULL,
      CONSTRAINT "${oauth2Token}_pk" PRIMARY KEY ("account")
    )`,
  ],
  addServiceTables: ({ maildrop, message, outbox, account, standing }) => [
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
  ],
  addAddresses: ({ maildrop, address }) => [
    `CREATE TABLE IF NOT EXISTS "${address}" (
      "maildrop_id" integer NOT NULL,
      "address" varchar(512) NOT NULL,
      CONSTRAINT "${address}_pk" PRIMARY KEY ("maildrop_id"),
      CONSTRAINT "${address}_maildrop_fk" FOREIGN KEY ("maildrop_id") REFERENCES "${maildrop}" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
    )`,
    `CREATE INDEX IF NOT EXISTS "${address}_address_ix" ON "${address}" ("address")`,
  ],
  lightenIndexes: ({ ledgerEntry }) => [
    `DROP INDEX IF EXISTS "${ledgerEntry}_due_ix"`,
    `DROP INDEX IF EXISTS "${ledgerEntry}_class_ix"`,
    `CREATE INDEX "${ledgerEntry}_class_ix" ON "${ledgerEntry}" ("maildrop_id", "class_unique_id", "first_seen_at")`,
  ],
  addHeaderColumns: ({ message }) =>
    ["decoder integer", "date_kind varchar(10)", "attachments boolean"].map(
      (column) => `ALTER TABLE ${message} ADD COLUMN ${column} NULL`,
    ),
  addLogins: ({ login, firstRun }) => [
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
  ],
  addWorkers: ({ worker }) => [
    `CREATE TABLE IF NOT EXISTS "${worker}" (
      "owner" varchar(255) NOT NULL,
      "queue" varchar(100) NOT NULL,
      "expires_at" datetime NOT NULL,
      CONSTRAINT "${worker}_pk" PRIMARY KEY ("owner")
    )`,
  ],
  addContents: ({ message, ...of }) => {
    const ofMessage = (table: string) =>
      `CONSTRAINT "${table}_message_fk" FOREIGN KEY ("message_id") REFERENCES "${message}" ("id") ON DELETE CASCADE ON UPDATE NO ACTION`;
    // The long texts stand last: what stands before them is read without them.
    return [
      `CREATE TABLE IF NOT EXISTS "${of.messageContent}" (
      "message_id" blob NOT NULL,
      "parser" integer NOT NULL,
      "made_at" datetime NOT NULL,
      "has_attachment" boolean NOT NULL,
      "text_cut" boolean NOT NULL,
      "in_reply_to" varchar(500),
      "preview" varchar(200),
      "references_header" text,
      "faults" text,
      "text" text,
      "html" text,
      CONSTRAINT "${of.messageContent}_pk" PRIMARY KEY ("message_id"),
      ${ofMessage(of.messageContent)}
    )`,
      `CREATE INDEX IF NOT EXISTS "${of.messageContent}_reply_ix" ON "${of.messageContent}" ("in_reply_to")`,
      `CREATE TABLE IF NOT EXISTS "${of.messagePart}" (
      "message_id" blob NOT NULL,
      "seq" integer NOT NULL,
      "part_number" varchar(255) NOT NULL,
      "mime_type" varchar(255) NOT NULL,
      "charset" varchar(100),
      "file_name" varchar(1000),
      "disposition" varchar(10),
      "content_id" varchar(1000),
      "octets" bigint NOT NULL,
      "sha256" blob NOT NULL,
      "part_use" varchar(11) NOT NULL,
      CONSTRAINT "${of.messagePart}_pk" PRIMARY KEY ("message_id", "seq"),
      ${ofMessage(of.messagePart)}
    ) WITHOUT ROWID`,
      `CREATE TABLE IF NOT EXISTS "${of.messageAddress}" (
      "message_id" blob NOT NULL,
      "seq" integer NOT NULL,
      "role" varchar(10) NOT NULL,
      "address" varchar(320) NOT NULL,
      "display_name" varchar(500),
      CONSTRAINT "${of.messageAddress}_pk" PRIMARY KEY ("message_id", "seq"),
      ${ofMessage(of.messageAddress)}
    ) WITHOUT ROWID`,
      `CREATE INDEX IF NOT EXISTS "${of.messageAddress}_address_ix" ON "${of.messageAddress}" ("role", "address", "message_id")`,
      `CREATE TABLE IF NOT EXISTS "${of.attachment}" (
      "sha256" blob NOT NULL,
      "octets" bigint NOT NULL,
      CONSTRAINT "${of.attachment}_pk" PRIMARY KEY ("sha256")
    )`,
      `CREATE TABLE IF NOT EXISTS "${of.attachmentChunk}" (
      "sha256" blob NOT NULL,
      "seq" integer NOT NULL,
      "content" blob NOT NULL,
      CONSTRAINT "${of.attachmentChunk}_pk" PRIMARY KEY ("sha256", "seq"),
      CONSTRAINT "${of.attachmentChunk}_attachment_fk" FOREIGN KEY ("sha256") REFERENCES "${of.attachment}" ("sha256") ON DELETE CASCADE ON UPDATE NO ACTION
    )`,
      `CREATE TABLE IF NOT EXISTS "${of.contentState}" (
      "message_id" blob NOT NULL,
      "state" varchar(10) NOT NULL,
      "parser" integer NOT NULL,
      "changed_at" datetime NOT NULL,
      "attempts" integer NOT NULL,
      "claim_token" varchar(64),
      "claimed_until" datetime,
      "failure" varchar(1000),
      CONSTRAINT "${of.contentState}_pk" PRIMARY KEY ("message_id"),
      ${ofMessage(of.contentState)}
    ) WITHOUT ROWID`,
      `CREATE INDEX IF NOT EXISTS "${of.contentState}_state_ix" ON "${of.contentState}" ("state", "parser", "changed_at")`,
      `CREATE TABLE IF NOT EXISTS "${of.contentMark}" (
      "id" integer NOT NULL,
      "gap_from" blob NOT NULL,
      "gap_to" blob NOT NULL,
      "looked_up_to" blob NOT NULL,
      "looked_at" datetime NOT NULL,
      CONSTRAINT "${of.contentMark}_pk" PRIMARY KEY ("id")
    )`,
    ];
  },
  // Rows are numbered by when their messages were stored. FTS5 keeps neither the tokens nor their places.
  addWords: ({ message, messageWords: table }) => [
    `CREATE TABLE IF NOT EXISTS "${table}" (
      "doc_id" integer PRIMARY KEY NOT NULL,
      "message_id" blob NOT NULL,
      "version" integer NOT NULL,
      CONSTRAINT "${table}_message_uq" UNIQUE ("message_id"),
      CONSTRAINT "${table}_message_fk" FOREIGN KEY ("message_id") REFERENCES "${message}" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
    )`,
    `CREATE VIRTUAL TABLE IF NOT EXISTS "${indexOf(table)}" USING fts5(tokens, content='', contentless_delete=1, detail=none, tokenize='ascii')`,
    `CREATE TRIGGER IF NOT EXISTS "${table}_gone" AFTER DELETE ON "${table}" BEGIN
      DELETE FROM "${indexOf(table)}" WHERE rowid = old.doc_id;
    END`,
  ],
  addReferences: ({ message, messageReference: table }) => [
    `CREATE TABLE IF NOT EXISTS "${table}" (
      "message_id" blob NOT NULL,
      "seq" integer NOT NULL,
      "digest" blob NOT NULL,
      CONSTRAINT "${table}_pk" PRIMARY KEY ("message_id", "seq"),
      CONSTRAINT "${table}_message_fk" FOREIGN KEY ("message_id") REFERENCES "${message}" ("id") ON DELETE CASCADE ON UPDATE NO ACTION
    ) WITHOUT ROWID`,
    `CREATE INDEX IF NOT EXISTS "${table}_digest_ix" ON "${table}" ("digest", "seq", "message_id")`,
  ],
  addMessageAttachments: ({ message, attachment, messageAttachment: table }) => [
    `CREATE TABLE IF NOT EXISTS "${table}" (
      "message_id" blob NOT NULL,
      "sha256" blob NOT NULL,
      CONSTRAINT "${table}_pk" PRIMARY KEY ("message_id", "sha256"),
      CONSTRAINT "${table}_message_fk" FOREIGN KEY ("message_id") REFERENCES "${message}" ("id") ON DELETE CASCADE ON UPDATE NO ACTION,
      CONSTRAINT "${table}_attachment_fk" FOREIGN KEY ("sha256") REFERENCES "${attachment}" ("sha256") ON DELETE CASCADE ON UPDATE NO ACTION
    ) WITHOUT ROWID`,
    `CREATE INDEX IF NOT EXISTS "${table}_attachment_ix" ON "${table}" ("sha256")`,
  ],
  addExports: (of) => [
    `CREATE TABLE IF NOT EXISTS "${of.export}" (
      "id" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
      "name" varchar(512) NOT NULL,
      "format" varchar(10),
      "path" text,
      "file_octets" bigint NOT NULL,
      "file_mark" varchar(100),
      "ended_cleanly" boolean NOT NULL,
      "lease_token" varchar(64),
      "lease_owner" varchar(512),
      "lease_expires_at" datetime,
      CONSTRAINT "${of.export}_name_uq" UNIQUE ("name")
    )`,
    `CREATE TABLE IF NOT EXISTS "${of.exportedMessage}" (
      "export_id" integer NOT NULL,
      "message_id" blob NOT NULL,
      CONSTRAINT "${of.exportedMessage}_pk" PRIMARY KEY ("export_id", "message_id")
    ) WITHOUT ROWID`,
  ],
  // FTS5 stays what it was. All messages are read anew.
  addWordBlocks: ({ messageWords, contentState, contentMark }) => [
    `CREATE INDEX IF NOT EXISTS "${messageWords}_version_ix" ON "${messageWords}" ("version")`,
    `DELETE FROM "${contentState}"`,
    `DELETE FROM "${contentMark}"`,
  ],
  isColumnThere: (error) =>
    String((error as { readonly message?: unknown }).message).includes("duplicate column name"),
};
