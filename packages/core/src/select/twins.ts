import { candidateOf } from "../listing/candidate.ts";
import { isClassKey, lookAlikeKey } from "../message/identity.ts";
import { latin1 } from "../message/octets.ts";
import { byIdentity, type LedgerEntry } from "../ports/ledger-entry.ts";
import { enqueue, type SelectContext } from "./selection.ts";

/** Has twins retrieved: two usable unique-ids are two messages, even if their rows name the same one (rule 6a). */
export async function selectTwins(context: SelectContext): Promise<void> {
  const {
    run,
    detection: { entries },
  } = context;
  const twins = entries.in("twin").map((index) => candidateOf(entries.listing, index, "twin"));
  const rows = byIdentity(await run.rows(twins.flatMap(({ identity }) => identity ?? [])));
  for (const twin of twins)
    enqueue(context, twin, twin.identity === null ? null : (rows.get(latin1(twin.identity)) ?? null));
  await selectBoundBaseline(context);
}

/**
 * Does the same for mail that is marked as known. Of a baseline row and all rows that were bound to it (rule 13) only one
 * can be about that mail: the first if it is listed, else one of the others. The rest has to be retrieved.
 */
async function selectBoundBaseline(context: SelectContext): Promise<void> {
  const {
    run,
    detection: { entries, boundBaseline },
  } = context;
  if (boundBaseline.length === 0) return;
  const candidates = boundBaseline.map((index) => candidateOf(entries.listing, index, "twin"));
  const rows = byIdentity(await run.rows(candidates.flatMap(({ identity }) => identity ?? [])));
  const sources = await listedSources(context, [...rows.values()]);
  for (const candidate of candidates) {
    const row = candidate.identity === null ? undefined : rows.get(latin1(candidate.identity));
    const source = row === undefined ? null : sourceOf(row);
    if (source === null) continue;
    if (sources.has(source)) {
      enqueue(context, candidate, row ?? null);
      entries.cover(candidate.index, false);
    }
    // If the source itself is not listed, the first entry that was bound to it stands for it.
    sources.add(source);
  }
}

async function listedSources(
  { run, detection: { entries } }: SelectContext,
  bound: readonly LedgerEntry[],
): Promise<Set<string>> {
  const digests = bound.flatMap(({ headerDigest }) => headerDigest ?? []);
  const sources = new Set<string>();
  for (const row of await run.transact(({ ledger }) => ledger.entriesWithHeader(digests))) {
    const source = sourceOf(row);
    if (source === null || row.bound || isClassKey(row.identity)) continue;
    const index = entries.uniqueIds.find(row.identity);
    if (index >= 0 && entries.uniqueIds.isAlone(index)) sources.add(source);
  }
  return sources;
}

/** A key that a baseline row and all rows bound to it have in common; null for other rows. */
function sourceOf(row: LedgerEntry): string | null {
  return row.disposition !== "baseline" || row.headerDigest === null ? null : lookAlikeKey(row);
}
