import type { Candidate, ClassGroup } from "../listing/candidate.ts";
import type { Roll } from "../listing/roll.ts";
import { isClassKey } from "../message/identity.ts";
import { latin1 } from "../message/octets.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import type { RunState, RunTransaction } from "../report/run-state.ts";
import { keyOf } from "./defer.ts";
import { isReplaceable } from "./settle.ts";

/** A candidate that was bound without download, and the message it stands for (null: mail that was marked known). */
export interface Bound {
  readonly candidate: Candidate;
  readonly messageId: string | null;
}

/**
 * Binds candidates to what is stored already under a unique-id that is no longer listed (rule 13): the same strong
 * header and the same core octets, one message, and nothing in this listing stands for it. Whatever is not bound
 * has to be retrieved. With `write` false nothing is written.
 */
export async function bind(
  run: RunState,
  tx: RunTransaction,
  candidates: readonly Candidate[],
  context: { readonly roll: Roll; readonly groups: readonly ClassGroup[]; readonly write: boolean },
): Promise<readonly Bound[]> {
  const digests = candidates.flatMap(({ evidence }) => evidence?.headerDigest ?? []);
  const alike = groupBy(await tx.ledger.entriesWithHeader(digests), ({ headerDigest }) =>
    latin1(headerDigest ?? none),
  );
  const own = new Map(
    (await tx.ledger.entries(candidates.map(keyOf))).map((row) => [latin1(row.identity), row]),
  );
  const messageIds = [...alike.values()].flat().flatMap(({ messageId }) => messageId ?? []);
  const naming = groupBy(await tx.ledger.entriesNaming(messageIds), ({ messageId }) => messageId ?? "");
  const listedClasses = new Set(context.groups.map(({ key }) => latin1(key)));
  const isListed = ({ identity, classUniqueId }: LedgerEntry): boolean => {
    if (!isClassKey(identity)) return context.roll.find(identity) !== null;
    // A row by class may also speak for a unique-id that is usable, where its own row is about another message.
    const isUsable = classUniqueId !== null && context.roll.find(classUniqueId)?.usable === true;
    return isUsable || listedClasses.has(latin1(identity));
  };
  const boundMessages = new Set<string>();
  const bound: Bound[] = [];
  const claimed = new Set<string>();
  const inserts: LedgerEntry[] = [];
  const updates: LedgerEntry[] = [];
  for (const candidate of candidates) {
    const { evidence, listedOctets } = candidate;
    if (evidence === null) continue;
    const before = own.get(latin1(keyOf(candidate)));
    if (before !== undefined && !isReplaceable(before, run.criteriaDigest)) continue;
    const coreOctets = (listedOctets ?? 0) - evidence.volatileOctets;
    const like = `${coreOctets}:${latin1(evidence.headerDigest)}`;
    const rows = (alike.get(latin1(evidence.headerDigest)) ?? []).filter(
      (row) =>
        row.coreOctets === coreOctets && (row.disposition === "stored" || row.disposition === "baseline"),
    );
    const [source] = rows;
    if (source === undefined || rows.some((row) => row.messageId !== source.messageId)) continue;
    const others = source.messageId === null ? [] : (naming.get(source.messageId) ?? []);
    const isBound = source.messageId !== null && boundMessages.has(source.messageId);
    if (isBound || claimed.has(like) || [...rows, ...others].some(isListed)) continue;
    claimed.add(like);
    const row: LedgerEntry = {
      ...source,
      identity: keyOf(candidate),
      classUniqueId: candidate.group?.of.uniqueIdKey ?? null,
      octets: listedOctets,
      coreOctets,
      bound: true,
      occurrences: 1,
      attempts: 0,
      reason: null,
      due: null,
      firstSeen: before?.firstSeen ?? run.now(),
    };
    (before === undefined ? inserts : updates).push(row);
    bound.push({ candidate, messageId: source.messageId });
    // A message may have rows of different core octets, where LIST is late.
    if (source.messageId !== null) boundMessages.add(source.messageId);
  }
  if (context.write && inserts.length > 0) await tx.ledger.insertEntries(inserts);
  if (context.write && updates.length > 0) await tx.ledger.updateEntries(updates);
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
