import type { TableNames } from "../schema/table-names.ts";

/**
 * The migrations, oldest first. TypeORM's migrations table holds each as the table prefix and its `name`, for which
 * TypeORM wants 13 digits of milliseconds at the end. `made` are the tables that it has made, in the order in which they
 * can be dropped. A new migration is a line here, and its statements in each dialect.
 */
export const STEPS = [
  {
    key: "createTables",
    name: "create_tables_1790000000000",
    made: (of: TableNames) => [of.outbox, of.messageChunk, of.ledgerEntry, of.message, of.maildrop],
  },
  { key: "createTokens", name: "create_tokens_1790000100000", made: (of: TableNames) => [of.oauth2Token] },
  {
    // Nothing ever wrote to the first outbox, so this one makes it anew. It goes with the first migration.
    key: "addServiceTables",
    name: "add_service_tables_1790000200000",
    made: (of: TableNames) => [of.account, of.standing],
  },
  { key: "addAddresses", name: "add_addresses_1790000300000", made: (of: TableNames) => [of.address] },
  // It spares each new ledger entry two pages somewhere in a large index: nobody reads the index by due time, and in the
  // one by a class's unique-id, which hardly any entry has, the others now stand by age instead of by identity. Earlier
  // versions work with these indexes, too.
  { key: "lightenIndexes", name: "lighten_indexes_1790000400000", made: () => [] },
  // Null in rows of earlier versions, which work with these columns, too.
  { key: "addHeaderColumns", name: "add_header_columns_1790000500000", made: () => [] },
  // Without foreign keys: no mail rests on these notes, and who drops a maildrop drops them (ledger/maildrops.ts).
  { key: "addLogins", name: "add_logins_1790000510000", made: (of: TableNames) => [of.login, of.firstRun] },
  { key: "addWorkers", name: "add_workers_1790000700000", made: (of: TableNames) => [of.worker] },
  // What is made of stored messages after their commit. Earlier versions do not know of it, and need not.
  {
    key: "addContents",
    name: "add_contents_1790000800000",
    made: (of: TableNames) => [
      ...[of.contentMark, of.contentState, of.attachmentChunk, of.attachment],
      ...[of.messageAddress, of.messagePart, of.messageContent],
    ],
  },
  // The index of words. No entity stands for it: no two databases have the same.
  {
    key: "addWords",
    name: "add_words_1790000900000",
    made: (of: TableNames) => [of.messageWords, `${of.messageWords}_ft`],
  },
  // The message-ids by which conversations are found, made like the rest of what is in messages.
  {
    key: "addReferences",
    name: "add_references_1790001000000",
    made: (of: TableNames) => [of.messageReference],
  },
  {
    key: "addMessageAttachments",
    name: "add_message_attachments_1790001100000",
    made: (of: TableNames) => [of.messageAttachment],
  },
  // Which messages an export has had. Without foreign keys: no mail rests on these notes, and a note whose message is gone
  // harms nobody, as no other message ever has its id.
  {
    key: "addExports",
    name: "add_exports_1790001200000",
    made: (of: TableNames) => [of.exportedMessage, of.export],
  },
  // On servers the index of words is kept in rows, and everywhere it knows months, and what was not read for it.
  {
    key: "addWordBlocks",
    name: "add_word_blocks_1790001300000",
    made: (of: TableNames) => ["list", "block", "fresh"].map((part) => `${of.messageWords}_${part}`),
  },
] as const;

/** What a dialect runs for each migration. */
export interface MigrationStatements
  extends Readonly<Record<(typeof STEPS)[number]["key"], (names: TableNames) => readonly string[]>> {
  /**
   * Whether the error says that a column which was to be added is there already: a migration that broke off half way runs
   * again, and not every database has ADD COLUMN IF NOT EXISTS.
   */
  isColumnThere(error: unknown): boolean;
}
