import type { EntitySchemaOptions } from "typeorm";
import { TEXT_LENGTH } from "../values/stored-text.ts";
import type { ColumnKinds } from "./columns.ts";
import { leaseColumns } from "./lease-columns.ts";
import { maildropKey, ofMaildrop } from "./of-maildrop.ts";
import type { LedgerEntryRecord, MaildropRecord } from "./records.ts";
import { rowNumber } from "./row-number.ts";
import type { TableNames } from "./table-names.ts";

/** `maildrop`: one row for each; what is remembered of its server; the lease. */
export function maildropSchema(kinds: ColumnKinds, names: TableNames): EntitySchemaOptions<MaildropRecord> {
  const table = names.maildrop;
  return {
    name: table,
    tableName: table,
    columns: {
      id: rowNumber(kinds, table),
      name: kinds.exactText(512),
      markCriteriaDigest: { ...kinds.digest, name: "mark_criteria_digest", nullable: true },
      markCount: { ...kinds.integer, name: "mark_count", nullable: true },
      markUidlOctets: { ...kinds.octets, name: "mark_uidl_octets", nullable: true },
      markListOctets: { ...kinds.octets, name: "mark_list_octets", nullable: true },
      markDigest: { ...kinds.digest, name: "mark_digest", nullable: true },
      generation: kinds.integer,
      uniqueIdsTrusted: { ...kinds.flag, name: "unique_ids_trusted" },
      topProven: { ...kinds.flag, name: "top_proven", nullable: true },
      retrievalHides: { ...kinds.flag, name: "retrieval_hides" },
      sequential: kinds.flag,
      utf8: { ...kinds.flag, name: "utf8_sent", nullable: true },
      endedCleanly: { ...kinds.flag, name: "ended_cleanly" },
      lastCount: { ...kinds.integer, name: "last_count" },
      pauseReason: { ...kinds.text(TEXT_LENGTH.pauseReason), name: "pause_reason", nullable: true },
      lastRun: { ...kinds.time, name: "last_run_at", nullable: true },
      ...leaseColumns(kinds),
    },
    uniques: [{ name: `${table}_name_uq`, columns: ["name"] }],
  };
}

/** `ledger_entry`: what is known of each identity of a maildrop. */
export function ledgerEntrySchema(
  kinds: ColumnKinds,
  names: TableNames,
): EntitySchemaOptions<LedgerEntryRecord> {
  const table = names.ledgerEntry;
  return {
    name: table,
    tableName: table,
    withoutRowid: true,
    columns: {
      maildropId: maildropKey(kinds, table),
      identity: { ...kinds.key, primary: true, primaryKeyConstraintName: `${table}_pk` },
      classUniqueId: { ...kinds.key, name: "class_unique_id", nullable: true },
      disposition: kinds.text(10),
      messageId: { ...kinds.uuid, name: "message_id", nullable: true },
      octets: { ...kinds.octets, nullable: true },
      headerDigest: { ...kinds.digest, name: "header_digest", nullable: true },
      coreOctets: { ...kinds.octets, name: "core_octets", nullable: true },
      strong: kinds.flag,
      bound: kinds.flag,
      occurrences: kinds.integer,
      criteriaDigest: { ...kinds.digest, name: "criteria_digest", nullable: true },
      attempts: kinds.integer,
      reasonCode: { ...kinds.text(TEXT_LENGTH.reasonCode), name: "reason_code", nullable: true },
      reasonMessage: { ...kinds.text(TEXT_LENGTH.reasonMessage), name: "reason_message", nullable: true },
      due: { ...kinds.time, name: "due_at", nullable: true },
      firstSeen: { ...kinds.time, name: "first_seen_at" },
    },
    indices: [
      // By age behind the unique-id, which hardly any entry has: so new ones stand together.
      { name: `${table}_class_ix`, columns: ["maildropId", "classUniqueId", "firstSeen"] },
      { name: `${table}_message_ix`, columns: ["messageId"] },
      { name: `${table}_header_ix`, columns: ["maildropId", "headerDigest", "coreOctets"] },
    ],
    foreignKeys: [
      ofMaildrop(names, table),
      {
        name: `${table}_message_fk`,
        target: names.message,
        columnNames: ["messageId"],
        referencedColumnNames: ["id"],
      },
    ],
  };
}
