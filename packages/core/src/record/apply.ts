import type { Inspection } from "../detect/inspect.ts";
import { type Candidate, keyOf, listedMessage } from "../listing/candidate.ts";
import { latin1 } from "../message/octets.ts";
import { blocksOf } from "../ports/blocks.ts";
import { type Finding, takeFindings } from "../report/findings.ts";
import type { Outcome, Reason } from "../report/outcome.ts";
import type { RunState } from "../report/run-state.ts";
import { candidatesIn, type Selection } from "../select/selection.ts";
import { bind } from "./bind.ts";
import { reject } from "./reject.ts";

/** Number of rows that are written in one transaction. */
const BLOCK = 1000;
/** The same for rejected messages: there may be as many as are listed, and each takes one small row. */
const REJECTED = 5000;

/** Writes into the ledger what was decided without download, and gives the outcomes. Queues what could not be bound. */
export async function* applySelection(
  run: RunState,
  { entries, hasUndecidedRows }: Inspection,
  selection: Selection,
): AsyncGenerator<readonly Outcome[]> {
  for (const { identity } of selection.refreshedRows) {
    const index = entries.uniqueIds.find(identity);
    if (index < 0) continue;
    entries.confirm(index);
    entries.cover(index);
  }
  if (selection.unlikeUnderOneId && run.facts.uniqueIdsTrusted)
    await run.transact(async (tx) => {
      tx.change({ uniqueIdsTrusted: false });
      tx.raiseGeneration();
    });
  let readFirst = hasUndecidedRows;
  for (const block of blocksOf(candidatesIn(entries, selection, "rejected"), REJECTED)) {
    await run.transact((tx, attempt) => {
      // Mostly none of these messages has a row, or all have one from other criteria: the first conflict tells.
      readFirst ||= attempt > 0;
      return reject(run, tx, block, readFirst);
    });
    for (const { group } of block) if (group !== null) group.settled = group.members.length;
    yield takeFindings(
      run,
      block.map((candidate) => ({ candidate, outcome: { kind: "skipped", ...listedMessage(candidate) } })),
    );
  }
  for (const block of blocksOf(candidatesIn(entries, selection, "early"), REJECTED)) {
    await run.transact((tx, attempt) => {
      readFirst ||= attempt > 0;
      return reject(run, tx, block, readFirst);
    });
    yield takeFindings(
      run,
      block.flatMap((candidate) => {
        const { ripe } = candidate;
        return ripe === null ? [] : [{ candidate, outcome: waitingOutcome(candidate, ripe) }];
      }),
    );
  }
  for (const block of blocksOf(candidatesIn(entries, selection, "renumbered"), BLOCK))
    yield takeFindings(run, await bindBlock(run, selection, block));
  for (const state of ["notDue", "tried"] as const)
    for (const block of blocksOf(candidatesIn(entries, selection, state), BLOCK)) {
      const reasons = await reasonsOf(run, block);
      yield takeFindings(
        run,
        block.map((candidate) => deferredFinding(candidate, reasons)),
      );
    }
}

/** The outcome of a candidate that the criteria do not want yet. */
export function waitingOutcome(candidate: Candidate, ripe: Date): Outcome {
  return { kind: "waiting", ...listedMessage(candidate), ripe };
}

/** Reads from the ledger why candidates are deferred, by their keys as strings ({@link latin1}). */
export async function reasonsOf(
  run: RunState,
  candidates: readonly Candidate[],
): Promise<ReadonlyMap<string, Reason | null>> {
  const rows = await run.rows(candidates.map(keyOf));
  return new Map(rows.map(({ identity, reason }) => [latin1(identity), reason]));
}

/** The finding for a deferred candidate that is not tried now. */
export function deferredFinding(
  candidate: Candidate,
  reasons: ReadonlyMap<string, Reason | null>,
): Finding & { readonly outcome: Outcome } {
  const reason = reasons.get(latin1(keyOf(candidate))) ?? { code: "deferred", message: "not stored yet" };
  return { candidate, outcome: { kind: "deferred", ...listedMessage(candidate), reason } };
}

async function bindBlock(
  run: RunState,
  selection: Selection,
  block: readonly Candidate[],
): Promise<readonly Finding[]> {
  const context = { groups: selection.groups, write: true };
  const known = await withKnownHeader(run, block);
  // Nearly always they are simply new, and there is nothing to be bound.
  const bound = known.length === 0 ? [] : await run.transact((tx) => bind(run, tx, known, context));
  const isBound = new Set(bound.map(({ candidate }) => candidate));
  for (const candidate of block) if (!isBound.has(candidate)) run.entries.move(candidate.index, "queued");
  return bound.map(({ candidate, messageId }) => {
    if (candidate.group !== null) candidate.group.settled++;
    return { candidate, outcome: { kind: "rebound", ...listedMessage(candidate), id: messageId } };
  });
}

/** The candidates whose header stands in the ledger: only these can be bound. */
async function withKnownHeader(
  { store, maildrop }: RunState,
  candidates: readonly Candidate[],
): Promise<readonly Candidate[]> {
  const digests = candidates.flatMap(({ evidence }) => evidence?.headerDigest ?? []);
  const rows = await store.entriesWithHeader(maildrop.id, digests);
  const known = new Set(
    rows.flatMap(({ headerDigest }) => (headerDigest === null ? [] : latin1(headerDigest))),
  );
  return candidates.filter(({ evidence }) => evidence !== null && known.has(latin1(evidence.headerDigest)));
}
