import { ContentRefusedError, type LedgerEntry } from "@mailonce/core";
import type { Dialect } from "../database/dialect.ts";
import { readDisposition } from "../values/disposition.ts";
import { numberOrNull, octetsOf, octetsOrNull } from "../values/octets.ts";
import type { Row, Value } from "../values/row.ts";
import { readDate, storedDate, storedTime } from "../values/stored-date.ts";
import { storedText, TEXT_LENGTH } from "../values/stored-text.ts";
import { octetsToUuid, uuidToOctets } from "../values/uuid-octets.ts";

/** The columns of `ledger_entry` in the order of {@link ledgerValues}. */
export const LEDGER_COLUMNS = [
  "maildrop_id",
  "identity",
  "class_unique_id",
  "disposition",
  "message_id",
  "octets",
  "header_digest",
  "core_octets",
  "strong",
  "bound",
  "occurrences",
  "criteria_digest",
  "attempts",
  "reason_code",
  "reason_message",
  "due_at",
  "first_seen_at",
] as const;

/** An entry's row. @throws ContentRefusedError for an identity that not every database could hold */
export function ledgerValues(maildropId: number, entry: LedgerEntry): readonly Value[] {
  return [
    maildropId,
    key(entry.identity),
    entry.classUniqueId && key(entry.classUniqueId),
    entry.disposition,
    entry.messageId && uuidToOctets(entry.messageId),
    entry.octets,
    entry.headerDigest,
    entry.coreOctets,
    Number(entry.strong),
    Number(entry.bound),
    entry.occurrences,
    entry.criteriaDigest,
    entry.attempts,
    storedText(entry.reason?.code ?? null, TEXT_LENGTH.reasonCode),
    storedText(entry.reason?.message ?? null, TEXT_LENGTH.reasonMessage),
    storedDate(entry.due),
    storedTime(entry.firstSeen),
  ];
}

/** The select list of {@link readLedgerEntry}. */
export function ledgerSelection(dialect: Dialect): string {
  return LEDGER_COLUMNS.map((column) => (column.endsWith("_at") ? dialect.date(column) : column)).join(", ");
}

export function readLedgerEntry(row: Row): LedgerEntry {
  const messageId = octetsOrNull(row["message_id"]);
  const reasonCode = row["reason_code"];
  return {
    identity: octetsOf(row["identity"]),
    classUniqueId: octetsOrNull(row["class_unique_id"]),
    disposition: readDisposition(row["disposition"]),
    messageId: messageId && octetsToUuid(messageId),
    octets: numberOrNull(row["octets"]),
    headerDigest: octetsOrNull(row["header_digest"]),
    coreOctets: numberOrNull(row["core_octets"]),
    strong: Boolean(row["strong"]),
    bound: Boolean(row["bound"]),
    occurrences: Number(row["occurrences"]),
    criteriaDigest: octetsOrNull(row["criteria_digest"]),
    attempts: Number(row["attempts"]),
    reason:
      typeof reasonCode === "string"
        ? { code: reasonCode, message: String(row["reason_message"] ?? "") }
        : null,
    due: readDate(row["due_at"]),
    firstSeen: readDate(row["first_seen_at"]) ?? new Date(0),
  };
}

function key(octets: Uint8Array): Uint8Array {
  if (octets.length >= 1 && octets.length <= 255) return octets;
  throw new ContentRefusedError(`A ledger key has 1 to 255 octets, not ${octets.length}.`);
}
