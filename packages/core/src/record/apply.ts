import type { Inspection } from "../detect/inspect.ts";
import { type Candidate, keyOf, listedMessage } from "../listing/candidate.ts";
import type { Roll } from "../listing/roll.ts";
import { latin1 } from "../message/octets.ts";
import { blocksOf } from "../ports/blocks.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import type { Finding, Findings } from "../report/findings.ts";
import type { Outcome, Reason } from "../report/outcome.ts";
import type { RunState } from "../report/run-state.ts";
import type { Selection } from "../select/selection.ts";
import { bind } from "./bind.ts";
import { reject } from "./reject.ts";

/** Rows written in one transaction. */
const BLOCK = 1000;
/** Of rejected messages there may be as many as are listed, and each takes one small row. */
const REJECTED = 5000;

/** Writes down what headers alone have decided, and tells it. What could not be bound joins the queue. */
export async function* applySelection(
  run: RunState,
  inspection: Inspection,
  roll: Roll,
  findings: Findings,
  selection: Selection,
): AsyncGenerator<readonly Outcome[]> {
  for (const [messageNumber, messageId] of selection.corrections) roll.correct(messageNumber, messageId);
  for (const row of selection.confirmed) confirm(inspection, roll, findings, row);
  if (selection.unlikeUnderOneId && run.facts.uniqueIdsTrusted)
    await run.transact(async (tx) => {
      tx.change({ uniqueIdsTrusted: false });
      tx.raiseGeneration();
    });
  let look = false;
  for (const block of blocksOf(selection.rejected, REJECTED)) {
    await run.transact((tx, attempt) => {
      // Who skips now has mostly not seen these messages before, or all of them under other criteria.
      look ||= attempt > 0;
      return reject(run, tx, block, look);
    });
    for (const { group } of block) if (group !== null) group.settled = group.members.length;
    yield findings.take(
      block.map((candidate) => ({ candidate, outcome: { kind: "skipped", ...listedMessage(candidate) } })),
    );
  }
  for (const block of blocksOf(selection.rebinds, BLOCK))
    yield findings.take(await bindBlock(run, roll, selection, block));
  for (const block of blocksOf(selection.waiting, BLOCK)) {
    const reasons = await reasonsOf(run, block);
    yield findings.take(block.map((candidate) => waiting(candidate, reasons)));
  }
}

/** Why candidates are deferred, by their key. */
export async function reasonsOf(
  run: RunState,
  candidates: readonly Candidate[],
): Promise<ReadonlyMap<string, Reason | null>> {
  const rows = await run.entries(candidates.map(keyOf));
  return new Map(rows.map(({ identity, reason }) => [latin1(identity), reason]));
}

/** A deferred candidate that is not tried now. */
export function waiting(
  candidate: Candidate,
  reasons: ReadonlyMap<string, Reason | null>,
): Finding & { readonly outcome: Outcome } {
  const reason = reasons.get(latin1(keyOf(candidate))) ?? { code: "deferred", message: "not stored yet" };
  return { candidate, outcome: { kind: "deferred", ...listedMessage(candidate), reason } };
}

async function bindBlock(
  run: RunState,
  roll: Roll,
  selection: Selection,
  block: readonly Candidate[],
): Promise<readonly Finding[]> {
  const context = { roll, groups: selection.groups, write: true };
  const bound = await run.transact((tx) => bind(run, tx, block, context));
  const isBound = new Set(bound.map(({ candidate }) => candidate));
  selection.queue.push(...block.filter((candidate) => !isBound.has(candidate)));
  return bound.map(({ candidate, messageId }) => {
    if (candidate.group !== null) candidate.group.settled++;
    return { candidate, outcome: { kind: "rebound", ...listedMessage(candidate), id: messageId } };
  });
}

function confirm({ detection }: Inspection, roll: Roll, findings: Findings, { identity }: LedgerEntry): void {
  const at = detection.index.find(identity);
  if (at < 0) return;
  roll.confirm(at);
  findings.settled[at] = 1;
}
