import type { Inspection } from "../detect/inspect.ts";
import { markOf } from "../listing/mark.ts";
import { latin1 } from "../message/octets.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import type { ListingMark } from "../ports/maildrop.ts";
import type { RunState, RunTransaction } from "../report/run-state.ts";
import type { Selection } from "../select/selection.ts";
import { classRow } from "./row.ts";

/**
 * The last transaction of a run that saw its listing through: refreshed octets, the counts of classes, the mark, and
 * that the run ended by itself.
 */
export async function finish(run: RunState, inspection: Inspection, selection: Selection): Promise<void> {
  await run.transact(async (tx) => {
    if (selection.confirmed.length > 0) await tx.ledger.updateEntries(selection.confirmed);
    await recount(run, tx, inspection, selection);
    const { listed, suspicious } = inspection;
    tx.change({
      ...markChange(run, inspection, selection),
      // A maildrop that really shrank is believed after a few runs.
      lastCount: suspicious ? Math.max(listed, Math.floor(tx.facts.lastCount / 2)) : listed,
      endedCleanly: true,
      lastRun: run.now(),
    });
  });
}

/** Rule 9: weak classes follow the listing down, unless it is suspicious; strong classes keep their maximum. */
export async function recount(
  run: RunState,
  tx: RunTransaction,
  { entries, classKeys, suspicious }: Inspection,
  { groups }: Selection,
): Promise<void> {
  if (suspicious || (groups.length === 0 && classKeys.length === 0)) return;
  const listed = new Map(groups.map((group) => [latin1(group.key), group]));
  // Where a unique-id is usable, the row by class may be what its entry is known by.
  const { listing, uniqueIds } = entries;
  const isUsable = (index: number): boolean =>
    index >= 0 && run.facts.uniqueIdsTrusted && uniqueIds.isAlone(index);
  const isGone = (uniqueId: Uint8Array | null): boolean =>
    uniqueId === null || (listing.raw.uidl !== null && !isUsable(uniqueIds.find(uniqueId)));
  const updates: LedgerEntry[] = [];
  for (const row of await tx.ledger.entries(classKeys)) {
    if (row.disposition !== "stored" && row.disposition !== "baseline") continue;
    const group = listed.get(latin1(row.identity));
    if (group !== undefined) {
      if (group.settled < group.members.length) continue;
      const { occurrences } = classRow(group, row.messageId, run.now());
      if (!row.strong && occurrences < row.occurrences) updates.push({ ...row, occurrences });
      continue;
    }
    if (!row.strong && row.occurrences > 0 && isGone(row.classUniqueId))
      updates.push({ ...row, occurrences: 0 });
  }
  if (updates.length > 0) await tx.ledger.updateEntries(updates);
}

/** What becomes of the mark: nothing if there is no better one, and a suspicious listing never replaces it. */
function markChange(
  run: RunState,
  inspection: Inspection,
  { groups }: Selection,
): { readonly mark?: ListingMark | null } {
  // A run that the mark spares the ledger would not see weak classes shrink (rule 9), and take a look-alike for known.
  if (groups.some(({ strong }) => !strong)) return { mark: null };
  const mark = inspection.suspicious ? null : newMark(run);
  return mark === null ? {} : { mark };
}

/**
 * Rule 22: the mark ends before the first entry that is not settled under a usable unique-id. Null where it would cover
 * nothing, or nothing more than the one that there is.
 */
function newMark(run: RunState): ListingMark | null {
  const { listing, coveredPrefix: count } = run.entries;
  if (!run.facts.uniqueIdsTrusted || !listing.aligned || listing.malformedLines > 0) return null;
  return count === 0 ? null : markOf(listing, count, run.criteriaDigest);
}
