import { type Candidate, type ClassGroup, classOf, keyOf } from "../listing/candidate.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import type { Arrival } from "./arrival.ts";

/** What a row says of failed attempts when there were none. */
export const NO_FAILURES = { attempts: 0, reason: null, due: null } as const;

/** The columns in which new rows differ. */
type NewRow = Pick<
  LedgerEntry,
  | "identity"
  | "classUniqueId"
  | "disposition"
  | "messageId"
  | "octets"
  | "headerDigest"
  | "coreOctets"
  | "strong"
  | "occurrences"
  | "criteriaDigest"
  | "firstSeen"
>;

/** Every row that the core makes is made here. */
function newRow(row: NewRow): LedgerEntry {
  return { ...row, bound: false, ...NO_FAILURES };
}

/**
 * The row of a listed message that was not retrieved, with what TOP told of its header. `byClass` true: under its class's
 * key, although its unique-id may have a row of its own.
 */
export function listedRow(
  candidate: Candidate,
  disposition: "skipped" | "baseline" | "deferred",
  firstSeen: Date,
  { identity = keyOf(candidate), byClass = candidate.identity === null } = {},
): LedgerEntry {
  const { evidence, listedOctets } = candidate;
  const { uniqueIdKey, headerDigest, coreOctets } = classOf(candidate, evidence);
  return newRow({
    identity,
    classUniqueId: byClass ? uniqueIdKey : null,
    disposition,
    messageId: null,
    octets: listedOctets,
    headerDigest,
    coreOctets: evidence === null ? null : coreOctets,
    strong: evidence?.strong ?? false,
    occurrences: disposition === "baseline" ? 1 : 0,
    criteriaDigest: null,
    firstSeen,
  });
}

/** The row under this key of a message that was retrieved; null for `messageId`: it is not stored. */
export function arrivedRow(
  { candidate, digests }: Arrival,
  identity: Uint8Array,
  messageId: string | null,
  firstSeen: Date,
): LedgerEntry {
  return newRow({
    identity,
    classUniqueId: null,
    disposition: "stored",
    messageId,
    octets: candidate.listedOctets,
    headerDigest: digests.headerDigest,
    coreOctets: digests.octets - digests.volatileOctets,
    strong: digests.strong,
    occurrences: 1,
    criteriaDigest: null,
    firstSeen,
  });
}

/** The row of a listed message that is taken for what another row is about, without retrieving it (rule 13). */
export function boundRow(source: LedgerEntry, candidate: Candidate, firstSeen: Date): LedgerEntry {
  return {
    ...source,
    identity: keyOf(candidate),
    classUniqueId: candidate.group?.of.uniqueIdKey ?? null,
    octets: candidate.listedOctets,
    bound: true,
    occurrences: 1,
    ...NO_FAILURES,
    firstSeen,
  };
}

/** The row of a class all of whose listed members are settled (rules 8 and 9). */
export function classRow(group: ClassGroup, messageId: string | null, now: Date): LedgerEntry {
  const { key, row, members, settledByUniqueId, strong, of } = group;
  const listed = Math.max(members.length - settledByUniqueId, 0);
  return newRow({
    identity: key,
    classUniqueId: of.uniqueIdKey,
    disposition: "stored",
    messageId: messageId ?? row?.messageId ?? null,
    octets: members[0]?.listedOctets ?? null,
    headerDigest: of.headerDigest,
    coreOctets: of.coreOctets,
    strong,
    occurrences: strong && row?.disposition === "stored" ? Math.max(row.occurrences, listed) : listed,
    criteriaDigest: null,
    firstSeen: row?.firstSeen ?? now,
  });
}
