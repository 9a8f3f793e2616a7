import type { MigrationStatements } from "../migrations/steps.ts";
import { wordTables } from "./word-tables.ts";

const OPTIONS = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC";

/** ER_DUP_FIELDNAME. */
const DUPLICATE_COLUMN = 1060;

/**
 * What the migrations run on MySQL and MariaDB. This is history: write another migration instead of changing one of these.
 * Each statement can run again after a migration that broke off half way, for these databases commit every one by itself.
 */
export const MYSQL_MIGRATIONS: MigrationStatements = {
  // The rules of the foreign keys are spelled out: left out, MariaDB reports RESTRICT, MySQL NO ACTION.
  createTables: ({ maildrop, ledgerEntry, message, messageChunk, outbox }) => [
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
    ) ${OPTIONS}`,
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
    ) ${OPTIONS}`,
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
    ) ${OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS ${messageChunk} (
      message_id binary(16) NOT NULL,
      seq int NOT NULL,
      content mediumblob NOT NULL,
      CONSTRAINT ${messageChunk}_pk PRIMARY KEY (message_id, seq),
      CONSTRAINT ${messageChunk}_message_fk FOREIGN KEY (message_id) REFERENCES ${message} (id) ON DELETE CASCADE ON UPDATE NO ACTION
    ) ${OPTIONS}`,
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
    ) ${OPTIONS}`,
  ],
  createTokens: ({ oauth2Token }) => [
    `CREATE TABLE IF NOT EXISTS ${oauth2Token} (
      account varbinary(512) NOT NULL,
      version varchar(36) NOT NULL,
      sealed mediumblob NOT NULL,
      refusal_code varchar(100) NULL,
      refusal_message varchar(1000) NULL,
      claim_token varchar(64) NULL,
      claim_owner varchar(512) NULL,
      claim_expires_at datetime(3) NULL,
      changed_at datetime(3) NOT NULL,
      CONSTRAINT ${oauth2Token}_pk PRIMARY KEY (account)
    ) ${OPTIONS}`,
  ],
  addServiceTables: ({ maildrop, message, outbox, account, standing }) => [
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
    ) ${OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS ${account} (
      name varbinary(512) NOT NULL,
      settings varchar(8000) NOT NULL,
      changed_at datetime(3) NOT NULL,
      CONSTRAINT ${account}_pk PRIMARY KEY (name)
    ) ${OPTIONS}`,
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
    ) ${OPTIONS}`,
  ],
  addAddresses: ({ maildrop, address }) => [
    `CREATE TABLE IF NOT EXISTS ${address} (
      maildrop_id int NOT NULL,
      address varbinary(512) NOT NULL,
      CONSTRAINT ${address}_pk PRIMARY KEY (maildrop_id),
      KEY ${address}_address_ix (address),
      CONSTRAINT ${address}_maildrop_fk FOREIGN KEY (maildrop_id) REFERENCES ${maildrop} (id) ON DELETE CASCADE ON UPDATE NO ACTION
    ) ${OPTIONS}`,
  ],
  lightenIndexes: ({ ledgerEntry }) => {
    const alter = `ALTER TABLE ${ledgerEntry} DROP KEY ${ledgerEntry}_due_ix, DROP KEY ${ledgerEntry}_class_ix,
    ADD KEY ${ledgerEntry}_class_ix (maildrop_id, class_unique_id, first_seen_at)`;
    // MySQL has no DROP KEY IF EXISTS: for a migration that runs again the statement is chosen by what there is.
    return [
      `SET @lighten_indexes = (SELECT IF(COUNT(*) > 0, '${alter}', 'DO 0') FROM information_schema.statistics
     WHERE table_schema = DATABASE() AND table_name = '${ledgerEntry}' AND index_name = '${ledgerEntry}_due_ix')`,
      "PREPARE lighten_indexes FROM @lighten_indexes",
      "EXECUTE lighten_indexes",
      "DEALLOCATE PREPARE lighten_indexes",
    ];
  },
  addHeaderColumns: ({ message }) =>
    ["decoder int", "date_kind varchar(10)", "attachments tinyint(1)"].map(
      (column) => `ALTER TABLE ${message} ADD COLUMN ${column} NULL`,
    ),
  addLogins: ({ login, firstRun }) => [
    `CREATE TABLE IF NOT EXISTS ${login} (
      maildrop_id int NOT NULL,
      salt binary(16) NOT NULL,
      digest binary(32) NOT NULL,
      fingerprint binary(32) NULL,
      refusals int NOT NULL,
      refused_since datetime(3) NULL,
      CONSTRAINT ${login}_pk PRIMARY KEY (maildrop_id)
    ) ${OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS ${firstRun} (
      maildrop_id int NOT NULL,
      digest binary(32) NULL,
      apart tinyint(1) NOT NULL,
      CONSTRAINT ${firstRun}_pk PRIMARY KEY (maildrop_id),
      KEY ${firstRun}_digest_ix (digest)
    ) ${OPTIONS}`,
  ],
  addWorkers: ({ worker }) => [
    `CREATE TABLE IF NOT EXISTS ${worker} (
      owner varbinary(255) NOT NULL,
      queue varchar(100) NOT NULL,
      expires_at datetime(3) NOT NULL,
      CONSTRAINT ${worker}_pk PRIMARY KEY (owner)
    ) ${OPTIONS}`,
  ],
  addContents: ({ message, ...of }) => {
    const ofMessage = (table: string) =>
      `CONSTRAINT ${table}_message_fk FOREIGN KEY (message_id) REFERENCES ${message} (id) ON DELETE CASCADE ON UPDATE NO ACTION`;
    return [
      `CREATE TABLE IF NOT EXISTS ${of.messageContent} (
      message_id binary(16) NOT NULL,
      parser int NOT NULL,
      made_at datetime(3) NOT NULL,
      has_attachment tinyint(1) NOT NULL,
      text_cut tinyint(1) NOT NULL,
      in_reply_to varchar(500) NULL,
      preview varchar(200) NULL,
      references_header mediumtext NULL,
      faults mediumtext NULL,
      text mediumtext NULL,
      html mediumtext NULL,
      CONSTRAINT ${of.messageContent}_pk PRIMARY KEY (message_id),
      KEY ${of.messageContent}_reply_ix (in_reply_to),
      ${ofMessage(of.messageContent)}
    ) ${OPTIONS}`,
      `CREATE TABLE IF NOT EXISTS ${of.messagePart} (
      message_id binary(16) NOT NULL,
      seq int NOT NULL,
      part_number varchar(255) NOT NULL,
      mime_type varchar(255) NOT NULL,
      charset varchar(100) NULL,
      file_name varchar(1000) NULL,
      disposition varchar(10) NULL,
      content_id varchar(1000) NULL,
      octets bigint NOT NULL,
      sha256 binary(32) NOT NULL,
      part_use varchar(11) NOT NULL,
      CONSTRAINT ${of.messagePart}_pk PRIMARY KEY (message_id, seq),
      ${ofMessage(of.messagePart)}
    ) ${OPTIONS}`,
      `CREATE TABLE IF NOT EXISTS ${of.messageAddress} (
      message_id binary(16) NOT NULL,
      seq int NOT NULL,
      role varchar(10) NOT NULL,
      address varchar(320) COLLATE utf8mb4_bin NOT NULL,
      display_name varchar(500) NULL,
      CONSTRAINT ${of.messageAddress}_pk PRIMARY KEY (message_id, seq),
      KEY ${of.messageAddress}_address_ix (role, address, message_id),
      ${ofMessage(of.messageAddress)}
    ) ${OPTIONS}`,
      `CREATE TABLE IF NOT EXISTS ${of.attachment} (
      sha256 binary(32) NOT NULL,
      octets bigint NOT NULL,
      CONSTRAINT ${of.attachment}_pk PRIMARY KEY (sha256)
    ) ${OPTIONS}`,
      `CREATE TABLE IF NOT EXISTS ${of.attachmentChunk} (
      sha256 binary(32) NOT NULL,
      seq int NOT NULL,
      content mediumblob NOT NULL,
      CONSTRAINT ${of.attachmentChunk}_pk PRIMARY KEY (sha256, seq),
      CONSTRAINT ${of.attachmentChunk}_attachment_fk FOREIGN KEY (sha256) REFERENCES ${of.attachment} (sha256) ON DELETE CASCADE ON UPDATE NO ACTION
    ) ${OPTIONS}`,
      `CREATE TABLE IF NOT EXISTS ${of.contentState} (
      message_id binary(16) NOT NULL,
      state varchar(10) NOT NULL,
      parser int NOT NULL,
      changed_at datetime(3) NOT NULL,
      attempts int NOT NULL,
      claim_token varchar(64) NULL,
      claimed_until datetime(3) NULL,
      failure varchar(1000) NULL,
      CONSTRAINT ${of.contentState}_pk PRIMARY KEY (message_id),
      KEY ${of.contentState}_state_ix (state, parser, changed_at),
      ${ofMessage(of.contentState)}
    ) ${OPTIONS}`,
      `CREATE TABLE IF NOT EXISTS ${of.contentMark} (
      id int NOT NULL,
      gap_from binary(16) NOT NULL,
      gap_to binary(16) NOT NULL,
      looked_up_to binary(16) NOT NULL,
      looked_at datetime(3) NOT NULL,
      CONSTRAINT ${of.contentMark}_pk PRIMARY KEY (id)
    ) ${OPTIONS}`,
    ];
  },
  // Tokens are ASCII letters and digits, and compared as such.
  addWords: ({ message, messageWords: table }) => [
    `CREATE TABLE IF NOT EXISTS ${table} (
      message_id binary(16) NOT NULL,
      version int NOT NULL,
      tokens mediumtext CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      CONSTRAINT ${table}_pk PRIMARY KEY (message_id),
      FULLTEXT KEY ${table}_ft (tokens),
      CONSTRAINT ${table}_message_fk FOREIGN KEY (message_id) REFERENCES ${message} (id) ON DELETE CASCADE ON UPDATE NO ACTION
    ) ${OPTIONS}`,
  ],
  addReferences: ({ message, messageReference: table }) => [
    `CREATE TABLE IF NOT EXISTS ${table} (
      message_id binary(16) NOT NULL,
      seq int NOT NULL,
      digest binary(16) NOT NULL,
      CONSTRAINT ${table}_pk PRIMARY KEY (message_id, seq),
      KEY ${table}_digest_ix (digest, seq, message_id),
      CONSTRAINT ${table}_message_fk FOREIGN KEY (message_id) REFERENCES ${message} (id) ON DELETE CASCADE ON UPDATE NO ACTION
    ) ${OPTIONS}`,
  ],
  addMessageAttachments: ({ message, attachment, messageAttachment: table }) => [
    `CREATE TABLE IF NOT EXISTS ${table} (
      message_id binary(16) NOT NULL,
      sha256 binary(32) NOT NULL,
      CONSTRAINT ${table}_pk PRIMARY KEY (message_id, sha256),
      KEY ${table}_attachment_ix (sha256),
      CONSTRAINT ${table}_message_fk FOREIGN KEY (message_id) REFERENCES ${message} (id) ON DELETE CASCADE ON UPDATE NO ACTION,
      CONSTRAINT ${table}_attachment_fk FOREIGN KEY (sha256) REFERENCES ${attachment} (sha256) ON DELETE CASCADE ON UPDATE NO ACTION
    ) ${OPTIONS}`,
  ],
  addExports: (of) => [
    `CREATE TABLE IF NOT EXISTS ${of.export} (
      id int NOT NULL AUTO_INCREMENT,
      name varbinary(512) NOT NULL,
      format varchar(10) NULL,
      path mediumtext NULL,
      file_octets bigint NOT NULL,
      file_mark varchar(100) NULL,
      ended_cleanly tinyint(1) NOT NULL,
      lease_token varchar(64) NULL,
      lease_owner varchar(512) NULL,
      lease_expires_at datetime(3) NULL,
      CONSTRAINT ${of.export}_pk PRIMARY KEY (id),
      CONSTRAINT ${of.export}_name_uq UNIQUE KEY ${of.export}_name_uq (name)
    ) ${OPTIONS}`,
    `CREATE TABLE IF NOT EXISTS ${of.exportedMessage} (
      export_id int NOT NULL,
      message_id binary(16) NOT NULL,
      CONSTRAINT ${of.exportedMessage}_pk PRIMARY KEY (export_id, message_id)
    ) ${OPTIONS}`,
  ],
  // In the place of FULLTEXT (mysql/word-index.ts). All messages are read anew.
  addWordBlocks: ({ message, messageWords, contentState, contentMark }) => {
    const { fresh, blocks, lists } = wordTables(messageWords);
    return [
      ...[lists, blocks, fresh, messageWords].map((table) => `DROP TABLE IF EXISTS ${table}`),
      `CREATE TABLE ${messageWords} (
      message_id binary(16) NOT NULL,
      version int NOT NULL,
      CONSTRAINT ${messageWords}_pk PRIMARY KEY (message_id),
      KEY ${messageWords}_version_ix (version),
      CONSTRAINT ${messageWords}_message_fk FOREIGN KEY (message_id) REFERENCES ${message} (id) ON DELETE CASCADE ON UPDATE NO ACTION
    ) ${OPTIONS}`,
      // Tokens are ASCII letters and digits, and compared as such.
      `CREATE TABLE ${fresh} (
      message_id binary(16) NOT NULL,
      tokens mediumtext CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      CONSTRAINT ${fresh}_pk PRIMARY KEY (message_id),
      CONSTRAINT ${fresh}_words_fk FOREIGN KEY (message_id) REFERENCES ${messageWords} (message_id) ON DELETE CASCADE ON UPDATE NO ACTION
    ) ${OPTIONS}`,
      `CREATE TABLE ${blocks} (
      id int NOT NULL AUTO_INCREMENT,
      first_id binary(16) NOT NULL,
      last_id binary(16) NOT NULL,
      CONSTRAINT ${blocks}_pk PRIMARY KEY (id)
    ) ${OPTIONS}`,
      `CREATE TABLE ${lists} (
      block int NOT NULL,
      token varchar(60) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      places varbinary(1024) NOT NULL,
      CONSTRAINT ${lists}_pk PRIMARY KEY (block, token)
    ) ${OPTIONS}`,
      `DELETE FROM ${contentState}`,
      `DELETE FROM ${contentMark}`,
    ];
  },
  isColumnThere: (error) => (error as { readonly errno?: unknown }).errno === DUPLICATE_COLUMN,
};
