import { type Candidate, type ClassGroup, classOf, keyOf } from "../listing/candidate.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import type { Arrival } from "./arrival.ts";

/** The columns about failed attempts, of a row without any. */
export const NO_FAILURES = { attempts: 0, reason: null, due: null } as const;

/** The columns that may differ from one new row to the other. */
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
> & { readonly due?: Date | null };

/** Makes a new row. All new rows of the core are made here. Column by column: copying them all at once takes far longer. */
function newRow(row: NewRow): LedgerEntry {
  return {
    identity: row.identity,
    classUniqueId: row.classUniqueId,
    disposition: row.disposition,
    messageId: row.messageId,
    octets: row.octets,
    headerDigest: row.headerDigest,
    coreOctets: row.coreOctets,
    strong: row.strong,
    bound: false,
    occurrences: row.occurrences,
    criteriaDigest: row.criteriaDigest,
    attempts: 0,
    reason: null,
    due: row.due ?? null,
    firstSeen: row.firstSeen,
  };
}

/**
 * Makes the row of a listed message that was not retrieved, with the evidence of its header if TOP was asked. `identity`
 * is the row's key; `byClass` says that this is the key of a class; `criteriaDigest` is that of the criteria that leave it out;
 * `due` is when they look at it again.
 */
export function listedRow(
  candidate: Candidate,
  disposition: "skipped" | "waiting" | "baseline" | "deferred",
  firstSeen: Date,
  {
    identity = keyOf(candidate),
    byClass = candidate.identity === null,
    criteriaDigest = null,
    due = null,
  }: {
    readonly identity?: Uint8Array;
    readonly byClass?: boolean;
    readonly criteriaDigest?: Uint8Array | null;
    readonly due?: Date | null;
  } = {},
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
    // Of what is left out they are the listed octets where TOP gave no header, as if there were no volatile fields.
    coreOctets:
      evidence === null && disposition !== "skipped" && disposition !== "waiting" ? null : coreOctets,
    strong: evidence?.strong ?? false,
    occurrences: disposition === "baseline" ? 1 : 0,
    criteriaDigest,
    due,
    firstSeen,
  });
}

/** Makes the row of a retrieved message under this key; `messageId` is null if it is not stored. */
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

/** Makes the row of a listed message that is bound, without download, to the message of the row `source` (rule 13). */
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

/** Makes the row of a class whose listed members are all settled (rules 8 and 9). */
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
