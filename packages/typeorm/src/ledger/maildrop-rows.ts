import type { ListingMark, Maildrop, MaildropFacts } from "@mailonce/core";
import type { Dialect } from "../database/dialect.ts";
import { octetsOrNull } from "../values/octets.ts";
import type { Row, Value } from "../values/row.ts";
import { readDate, storedDate } from "../values/stored-date.ts";
import { readExactText, storedText, TEXT_LENGTH } from "../values/stored-text.ts";

/** The columns that a change of facts sets, with their values, in an order that is always the same. */
export function maildropValues(change: Partial<MaildropFacts>): readonly (readonly [string, Value])[] {
  const values: (readonly [string, Value])[] = [];
  if (change.mark !== undefined) values.push(...markValues(change.mark));
  const set = <K extends keyof MaildropFacts>(
    key: K,
    column: string,
    stored: (value: MaildropFacts[K]) => Value,
  ): void => {
    const value = change[key];
    if (value !== undefined) values.push([column, stored(value)]);
  };
  set("generation", "generation", (value) => value);
  set("uniqueIdsTrusted", "unique_ids_trusted", flag);
  set("topProven", "top_proven", flag);
  set("retrievalHides", "retrieval_hides", flag);
  set("sequential", "sequential", flag);
  set("utf8", "utf8_sent", flag);
  set("endedCleanly", "ended_cleanly", flag);
  set("lastCount", "last_count", (value) => value);
  set("pauseReason", "pause_reason", (value) => storedText(value, TEXT_LENGTH.pauseReason));
  set("lastRun", "last_run_at", storedDate);
  return values;
}

/** The select list of {@link readMaildrop}. A run whose lease has expired, and was not given back, has not ended by itself. */
export function maildropSelection(dialect: Dialect): string {
  return `id, name, mark_criteria_digest, mark_count, mark_uidl_octets, mark_list_octets, mark_digest, generation,
    unique_ids_trusted, top_proven, retrieval_hides, sequential, utf8_sent, last_count, pause_reason,
    ended_cleanly = 1 AND (lease_token IS NULL OR lease_expires_at > ${dialect.now}) AS ended_cleanly,
    ${dialect.date("last_run_at")}`;
}

export function readMaildrop(row: Row): Maildrop {
  return {
    id: Number(row["id"]),
    name: readExactText(row["name"]),
    mark: readMark(row),
    generation: Number(row["generation"]),
    uniqueIdsTrusted: Boolean(row["unique_ids_trusted"]),
    topProven: flagOrNull(row["top_proven"]),
    retrievalHides: Boolean(row["retrieval_hides"]),
    sequential: Boolean(row["sequential"]),
    utf8: flagOrNull(row["utf8_sent"]),
    endedCleanly: Boolean(row["ended_cleanly"]),
    lastCount: Number(row["last_count"]),
    pauseReason: row["pause_reason"] === null ? null : String(row["pause_reason"]),
    lastRun: readDate(row["last_run_at"]),
  };
}

function markValues(mark: ListingMark | null): readonly (readonly [string, Value])[] {
  return [
    ["mark_criteria_digest", mark?.criteriaDigest ?? null],
    ["mark_count", mark?.count ?? null],
    ["mark_uidl_octets", mark?.uidlOctets ?? null],
    ["mark_list_octets", mark?.listOctets ?? null],
    ["mark_digest", mark?.digest ?? null],
  ];
}

function readMark(row: Row): ListingMark | null {
  const digest = octetsOrNull(row["mark_digest"]);
  if (digest === null) return null;
  return {
    criteriaDigest: octetsOrNull(row["mark_criteria_digest"]),
    count: Number(row["mark_count"]),
    uidlOctets: Number(row["mark_uidl_octets"]),
    listOctets: Number(row["mark_list_octets"]),
    digest,
  };
}

function flag(value: boolean | null): Value {
  return value === null ? null : Number(value);
}

function flagOrNull(value: unknown): boolean | null {
  return value === null ? null : Boolean(value);
}
