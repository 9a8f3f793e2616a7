import { type Candidate, classOf } from "../listing/candidate.ts";
import { classKey } from "../message/identity.ts";
import { latin1, sameOctets } from "../message/octets.ts";
import { LONGEST_WAIT_MS } from "../ports/due.ts";
import { byIdentity, isUnlike, type LedgerEntry } from "../ports/ledger-entry.ts";
import type { RunState, RunTransaction } from "../report/run-state.ts";
import { listedRow } from "./row.ts";
import { RowWrites } from "./row-writes.ts";

/**
 * Notes in the ledger that the criteria reject these candidates (rule 12), or do not want them yet (rule 25). With
 * `readFirst` false no row is read before: if there is one, {@link DuplicateKeyError} is thrown, and the caller has to try
 * again with `readFirst` true.
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
    entry:
      candidate.ripe === null
        ? listedRow(candidate, "skipped", now, { criteriaDigest })
        : listedRow(candidate, "waiting", now, { criteriaDigest, due: lookAgain(candidate.ripe, now) }),
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
  const wrong: Uint8Array[] = [];
  const put = (entry: LedgerEntry): void => {
    const row = rowOf(entry);
    if (row === null) writes.put(entry, null);
    else if (isRejectedAgain(row, entry)) again.push(entry.identity);
    else if (row.disposition !== "stored" && row.disposition !== "baseline") {
      // A first sight that is still to come was written by a wrong clock. An update would keep it.
      const isWrong = row.firstSeen > now;
      if (isWrong) wrong.push(row.identity);
      // A mark may cover the row as settled.
      if (row.disposition === "skipped" && entry.disposition === "waiting") tx.change({ mark: null });
      writes.put({ ...entry, firstSeen: isWrong ? now : row.firstSeen }, isWrong ? null : row);
    }
  };
  const displaced: LedgerEntry[] = [];
  for (const { candidate, entry } of rejected) {
    const row = rowOf(entry);
    const settled = row?.disposition === "stored" || row?.disposition === "baseline";
    if (!settled || candidate.identity === null) put(entry);
    else if (candidate.ripe === null) {
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
  if (wrong.length > 0) await tx.ledger.deleteEntries(wrong);
  await writes.write(tx.ledger);
  if (again.length > 0) await tx.ledger.rejectEntries(again, criteriaDigest);
}

/** When a message that is wanted from `ripe` on is looked at again: then, or after the longest time that one waits unseen. */
function lookAgain(ripe: Date, now: Date): Date {
  return new Date(Math.min(ripe.getTime(), now.getTime() + LONGEST_WAIT_MS));
}

/** True if the row says of the message what the entry says, save by which criteria it is rejected. */
function isRejectedAgain(row: LedgerEntry, entry: LedgerEntry): boolean {
  return (
    row.disposition === "skipped" &&
    entry.disposition === "skipped" &&
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
