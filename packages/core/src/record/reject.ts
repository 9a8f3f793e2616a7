import { type Candidate, classOf } from "../listing/candidate.ts";
import { classKey } from "../message/identity.ts";
import { latin1, sameOctets } from "../message/octets.ts";
import { byIdentity, isUnlike, type LedgerEntry } from "../ports/ledger-entry.ts";
import type { RunState, RunTransaction } from "../report/run-state.ts";
import { listedRow } from "./row.ts";
import { RowWrites } from "./row-writes.ts";

/**
 * Notes in the ledger that the criteria reject these candidates (rule 12). With `readFirst` false no row is read before:
 * if there is one, {@link DuplicateKeyError} is thrown, and the caller has to try again with `readFirst` true.
 */
export async function reject(
  run: RunState,
  tx: RunTransaction,
  candidates: readonly Candidate[],
  readFirst: boolean,
): Promise<void> {
  const now = run.now();
  const { criteriaDigest } = run;
  const rejected = candidates.map((candidate) => ({
    candidate,
    entry: listedRow(candidate, "skipped", now, { criteriaDigest }),
  }));
  const rows = new Map<string, LedgerEntry>();
  const read = async (identities: readonly Uint8Array[]): Promise<void> => {
    for (const [key, row] of byIdentity(await tx.ledger.entries(identities))) rows.set(key, row);
  };
  if (readFirst) await read(rejected.map(({ entry }) => entry.identity));
  const rowOf = ({ identity }: LedgerEntry): LedgerEntry | null =>
    rows.size === 0 ? null : (rows.get(latin1(identity)) ?? null);
  const writes = new RowWrites();
  const again: Uint8Array[] = [];
  const put = (entry: LedgerEntry): void => {
    const row = rowOf(entry);
    if (row === null) writes.put(entry, null);
    else if (isRejectedAgain(row, entry)) again.push(entry.identity);
    else if (row.disposition === "skipped" || row.disposition === "deferred")
      writes.put({ ...entry, firstSeen: row.firstSeen }, row);
  };
  const displaced: LedgerEntry[] = [];
  for (const { candidate, entry } of rejected) {
    const row = rowOf(entry);
    const settled = row?.disposition === "stored" || row?.disposition === "baseline";
    if (!settled || candidate.identity === null) put(entry);
    else {
      const of = classOf(candidate, candidate.evidence);
      // The unique-id's row is about another message, which is settled: this one gets a class row (rule 16).
      displaced.push({ ...entry, identity: classKey(of), classUniqueId: of.uniqueIdKey });
      tx.raiseGeneration();
      if (isUnlike(row, of.headerDigest)) tx.change({ uniqueIdsTrusted: false });
    }
  }
  if (displaced.length > 0) {
    await read(displaced.map(({ identity }) => identity));
    for (const entry of displaced) put(entry);
  }
  await writes.write(tx.ledger);
  if (again.length > 0) await tx.ledger.rejectEntries(again, criteriaDigest);
}

/** True if the row says of the message what the entry says, save by which criteria it is rejected. */
function isRejectedAgain(row: LedgerEntry, entry: LedgerEntry): boolean {
  return (
    row.disposition === "skipped" &&
    row.attempts === 0 &&
    row.octets === entry.octets &&
    row.coreOctets === entry.coreOctets &&
    row.strong === entry.strong &&
    row.occurrences === entry.occurrences &&
    !row.bound &&
    row.reason === null &&
    row.due === null &&
    row.messageId === null &&
    sameOctets(row.headerDigest, entry.headerDigest) &&
    sameOctets(row.classUniqueId, entry.classUniqueId)
  );
}
