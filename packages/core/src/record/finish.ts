import type { Inspection } from "../detect/inspect.ts";
import { markOf } from "../listing/mark.ts";
import { latin1 } from "../message/octets.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import type { ListingMark, MaildropFacts } from "../ports/maildrop.ts";
import type { RunState, RunTransaction } from "../report/run-state.ts";
import type { Selection } from "../select/selection.ts";
import { classRow } from "./row.ts";

/**
 * Ends a run that went through its whole listing: commits listed octets that have changed and the counts of classes, and
 * notes the mark, and that the run ended by itself.
 */
export async function finish(run: RunState, inspection: Inspection, selection: Selection): Promise<void> {
  const { listed, suspicious } = inspection;
  const change: Partial<MaildropFacts> = {
    ...markChange(run, inspection, selection),
    // Halved each time, so that after a few runs a maildrop that did become so small is no longer suspicious.
    lastCount: suspicious ? Math.max(listed, Math.floor(run.facts.lastCount / 2)) : listed,
    endedCleanly: true,
    lastRun: run.now(),
  };
  const { refreshedRows } = selection;
  if (refreshedRows.length === 0 && !mayRecount(inspection, selection)) return run.note(change);
  await run.transact(async (tx) => {
    if (refreshedRows.length > 0) await tx.ledger.updateEntries(refreshedRows);
    await recount(run, tx, inspection, selection);
    tx.change(change);
  });
}

/** Whether there are classes whose counts may have to be lowered. */
function mayRecount({ classKeys, suspicious }: Inspection, { groups }: Selection): boolean {
  return !suspicious && groups.length + classKeys.length > 0;
}

/** Lowers the counts of weak classes to what is listed, unless the listing is suspicious (rule 9). */
export async function recount(
  run: RunState,
  tx: RunTransaction,
  inspection: Inspection,
  selection: Selection,
): Promise<void> {
  if (!mayRecount(inspection, selection)) return;
  const { entries, classKeys } = inspection;
  const { groups } = selection;
  const listed = new Map(groups.map((group) => [latin1(group.key), group]));
  // An entry with a usable unique-id may be known by a class row, which then keeps its count.
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

/** The change of the mark: it is dropped, replaced, or left as it is. A suspicious listing never replaces it. */
function markChange(
  run: RunState,
  inspection: Inspection,
  { groups }: Selection,
): { readonly mark?: ListingMark | null } {
  // With a mark the next run would not see weak classes shrink (rule 9), and would take look-alikes for known later.
  if (groups.some(({ strong }) => !strong)) return { mark: null };
  const mark = inspection.suspicious ? null : newMark(run);
  return mark === null ? {} : { mark };
}

/** The mark up to the first entry not settled under a usable unique-id (rule 22); null if it would cover nothing new. */
function newMark(run: RunState): ListingMark | null {
  const { listing, coveredPrefix: count } = run.entries;
  if (!run.facts.uniqueIdsTrusted || !listing.aligned || listing.malformedLines > 0) return null;
  return count === 0 ? null : markOf(listing, count, run.criteriaDigest);
}
