import { type Candidate, type ClassGroup, classOf, keyOf } from "../listing/candidate.ts";
import { isClassKey, lookAlikeKey } from "../message/identity.ts";
import { latin1 } from "../message/octets.ts";
import { byIdentity, isSettled, type LedgerEntry } from "../ports/ledger-entry.ts";
import type { RunState, RunTransaction } from "../report/run-state.ts";
import { boundRow } from "./row.ts";
import { RowWrites } from "./row-writes.ts";

/** A candidate that was bound without download, and the UUID of its message; null for mail marked as known. */
export interface Bound {
  readonly candidate: Candidate;
  readonly messageId: string | null;
}

/**
 * Binds candidates to mail that was stored, or marked as known, under another identity that is not listed now (rule 13).
 * All rows with a candidate's strong header and core octets must name one message, and no listed entry may stand for it.
 * Gives the bound candidates; the others have to be retrieved. Writes nothing if `write` is false.
 */
export async function bind(
  run: RunState,
  tx: RunTransaction,
  candidates: readonly Candidate[],
  context: { readonly groups: readonly ClassGroup[]; readonly write: boolean },
): Promise<readonly Bound[]> {
  const digests = candidates.flatMap(({ evidence }) => evidence?.headerDigest ?? []);
  const alike = groupBy(await tx.ledger.entriesWithHeader(digests), ({ headerDigest }) =>
    latin1(headerDigest ?? none),
  );
  const own = byIdentity(await tx.ledger.entries(candidates.map(keyOf)));
  const messageIds = [...alike.values()].flat().flatMap(({ messageId }) => messageId ?? []);
  const naming = groupBy(await tx.ledger.entriesNaming(messageIds), ({ messageId }) => messageId ?? "");
  const listedClasses = new Set(context.groups.map(({ key }) => latin1(key)));
  const isListed = ({ identity, classUniqueId }: LedgerEntry): boolean => {
    if (!isClassKey(identity)) return run.entries.find(identity) !== null;
    // A class row may also stand for a usable unique-id, if that unique-id's own row is about another message.
    const isUsable = classUniqueId !== null && run.entries.find(classUniqueId)?.usable === true;
    return isUsable || listedClasses.has(latin1(identity));
  };
  const boundMessages = new Set<string>();
  const bound: Bound[] = [];
  const claimed = new Set<string>();
  const writes = new RowWrites();
  for (const candidate of candidates) {
    const { evidence } = candidate;
    if (evidence === null) continue;
    const before = own.get(latin1(keyOf(candidate)));
    if (before !== undefined && isSettled(before, run.criteriaDigest)) continue;
    const { coreOctets } = classOf(candidate, evidence);
    const look = lookAlikeKey({ headerDigest: evidence.headerDigest, coreOctets });
    const rows = (alike.get(latin1(evidence.headerDigest)) ?? []).filter(
      (row) =>
        row.coreOctets === coreOctets && (row.disposition === "stored" || row.disposition === "baseline"),
    );
    const [source] = rows;
    if (source === undefined || rows.some((row) => row.messageId !== source.messageId)) continue;
    const others = source.messageId === null ? [] : (naming.get(source.messageId) ?? []);
    const isBound = source.messageId !== null && boundMessages.has(source.messageId);
    if (isBound || claimed.has(look) || [...rows, ...others].some(isListed)) continue;
    claimed.add(look);
    writes.put(boundRow(source, candidate, before?.firstSeen ?? run.now()), before ?? null);
    bound.push({ candidate, messageId: source.messageId });
    // One message may have rows of different core octets, if LIST lags behind a change of its volatile fields.
    if (source.messageId !== null) boundMessages.add(source.messageId);
  }
  if (context.write) await writes.write(tx.ledger);
  return bound;
}

const none = new Uint8Array(0);

function groupBy(
  rows: readonly LedgerEntry[],
  keyOfRow: (row: LedgerEntry) => string,
): Map<string, LedgerEntry[]> {
  const groups = new Map<string, LedgerEntry[]>();
  for (const row of rows) {
    const group = groups.get(keyOfRow(row));
    if (group === undefined) groups.set(keyOfRow(row), [row]);
    else group.push(row);
  }
  return groups;
}
