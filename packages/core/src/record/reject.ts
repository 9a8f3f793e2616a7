import { type Candidate, classOf } from "../listing/candidate.ts";
import { classKey, type MessageClass } from "../message/identity.ts";
import { equalOctets, latin1 } from "../message/octets.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import type { RunState, RunTransaction } from "../report/run-state.ts";
import { keyOf } from "./defer.ts";

/**
 * Notes in the ledger that a proven TOP header was rejected by the criteria (rule 12). `look` false: nothing is asked
 * first; a row that is there after all shows as a duplicate key, and the caller rejects again with `look` true.
 */
export async function reject(
  run: RunState,
  tx: RunTransaction,
  candidates: readonly Candidate[],
  look: boolean,
): Promise<void> {
  const now = run.now();
  const keyed = candidates.map((candidate) => {
    const isClassed = candidate.identity === null;
    const identity = candidate.identity ?? keyOf(candidate);
    const of = classOf(candidate, candidate.evidence);
    return { candidate, isClassed, of, identity, key: latin1(identity) };
  });
  const rows = new Map<string, LedgerEntry>();
  const read = async (identities: readonly Uint8Array[]): Promise<void> => {
    for (const row of await tx.ledger.entries(identities)) rows.set(latin1(row.identity), row);
  };
  if (look) await read(keyed.map(({ identity }) => identity));
  const inserts = new Map<string, LedgerEntry>();
  const updates = new Map<string, LedgerEntry>();
  const put = (key: string, entry: LedgerEntry): void => {
    const row = rows.get(key);
    if (row === undefined) inserts.set(key, entry);
    else if (row.disposition === "skipped" || row.disposition === "deferred")
      updates.set(key, { ...entry, firstSeen: row.firstSeen });
  };
  const displaced: LedgerEntry[] = [];
  for (const { candidate, isClassed, of, identity, key } of keyed) {
    const row = rows.get(key);
    const entry = skippedRow(run, candidate, of, identity, isClassed, now);
    const settled = row?.disposition === "stored" || row?.disposition === "baseline";
    if (!settled || isClassed) put(key, entry);
    else {
      // Another message stands under a settled unique-id: it gets a row of its own, by class (rule 16).
      displaced.push({ ...entry, identity: classKey(of), classUniqueId: of.uniqueIdKey, occurrences: 0 });
      tx.raiseGeneration();
      if (isUnlike(row, candidate)) tx.change({ uniqueIdsTrusted: false });
    }
  }
  if (displaced.length > 0) {
    await read(displaced.map(({ identity }) => identity));
    for (const entry of displaced) put(latin1(entry.identity), entry);
  }
  if (inserts.size > 0) await tx.ledger.insertEntries([...inserts.values()]);
  if (updates.size > 0) await tx.ledger.updateEntries([...updates.values()]);
}

function isUnlike(row: LedgerEntry | undefined, { evidence }: Candidate): boolean {
  if (row === undefined || row.headerDigest === null || evidence === null) return false;
  return !equalOctets(row.headerDigest, evidence.headerDigest);
}

function skippedRow(
  run: RunState,
  { listedOctets, evidence }: Candidate,
  of: MessageClass,
  identity: Uint8Array,
  isClassed: boolean,
  now: Date,
): LedgerEntry {
  return {
    identity,
    classUniqueId: isClassed ? of.uniqueIdKey : null,
    disposition: "skipped",
    messageId: null,
    octets: listedOctets,
    headerDigest: of.headerDigest,
    coreOctets: of.coreOctets,
    strong: evidence?.strong ?? false,
    bound: false,
    occurrences: 0,
    criteriaDigest: run.criteriaDigest,
    attempts: 0,
    reason: null,
    due: null,
    firstSeen: now,
  };
}
