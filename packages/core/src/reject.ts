import { type Candidate, classOf } from "./candidate.ts";
import { keyOf } from "./defer.ts";
import { classKey } from "./identity.ts";
import { equalOctets, latin1 } from "./octets.ts";
import type { LedgerEntry } from "./ports/store.ts";
import type { RunState, RunTransaction } from "./run-state.ts";

/** Notes in the ledger that a proven TOP header was rejected by the criteria (rule 12). */
export async function reject(
  run: RunState,
  tx: RunTransaction,
  candidates: readonly Candidate[],
): Promise<void> {
  const now = run.now();
  const keys = candidates.map(keyOf);
  const rows = new Map((await tx.ledger.entries(keys)).map((row) => [latin1(row.identity), row]));
  const inserts = new Map<string, LedgerEntry>();
  const updates = new Map<string, LedgerEntry>();
  const put = (entry: LedgerEntry): void => {
    const row = rows.get(latin1(entry.identity));
    if (row === undefined) inserts.set(latin1(entry.identity), entry);
    else if (row.disposition === "skipped" || row.disposition === "deferred")
      updates.set(latin1(entry.identity), { ...entry, firstSeen: row.firstSeen });
  };
  const displaced: LedgerEntry[] = [];
  for (const candidate of candidates) {
    const row = rows.get(latin1(keyOf(candidate)));
    const entry = skippedRow(run, candidate, keyOf(candidate), now);
    const settled = row?.disposition === "stored" || row?.disposition === "baseline";
    if (!settled || candidate.identity === null) put(entry);
    else {
      // Another message stands under a settled unique-id: it gets a row of its own, by class (rule 16).
      const of = classOf(candidate, candidate.evidence);
      displaced.push({ ...entry, identity: classKey(of), classUniqueId: of.uniqueIdKey, occurrences: 0 });
      tx.raiseGeneration();
      if (isUnlike(row, candidate)) tx.change({ uniqueIdsTrusted: false });
    }
  }
  if (displaced.length > 0) {
    for (const row of await tx.ledger.entries(displaced.map(({ identity }) => identity)))
      rows.set(latin1(row.identity), row);
    for (const entry of displaced) put(entry);
  }
  if (inserts.size > 0) await tx.ledger.insertEntries([...inserts.values()]);
  if (updates.size > 0) await tx.ledger.updateEntries([...updates.values()]);
}

function isUnlike(row: LedgerEntry | undefined, { evidence }: Candidate): boolean {
  if (row === undefined || row.headerDigest === null || evidence === null) return false;
  return !equalOctets(row.headerDigest, evidence.headerDigest);
}

function skippedRow(run: RunState, candidate: Candidate, identity: Uint8Array, now: Date): LedgerEntry {
  const of = classOf(candidate, candidate.evidence);
  return {
    identity,
    classUniqueId: candidate.identity === null ? of.uniqueIdKey : null,
    disposition: "skipped",
    messageId: null,
    octets: candidate.listedOctets,
    headerDigest: of.headerDigest,
    coreOctets: of.coreOctets,
    strong: candidate.evidence?.strong ?? false,
    bound: false,
    occurrences: 0,
    criteriaDigest: run.criteriaDigest,
    attempts: 0,
    reason: null,
    due: null,
    firstSeen: now,
  };
}
