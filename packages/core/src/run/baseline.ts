import { type Inspection, inspect } from "../detect/inspect.ts";
import { ServerError } from "../errors.ts";
import { type Candidate, classOf, keyOf, listedMessage } from "../listing/candidate.ts";
import type { EntryState } from "../listing/entry-state.ts";
import { blockEvidence } from "../message/digest.ts";
import { classKey } from "../message/identity.ts";
import { latin1 } from "../message/octets.ts";
import { blocksOf } from "../ports/blocks.ts";
import { byIdentity } from "../ports/ledger-entry.ts";
import { recount } from "../record/finish.ts";
import { listedRow, NO_FAILURES } from "../record/row.ts";
import { RowWrites } from "../record/row-writes.ts";
import { settleAs } from "../report/findings.ts";
import type { Outcome } from "../report/outcome.ts";
import type { Report } from "../report/report.ts";
import { RunState, type RunTransaction } from "../report/run-state.ts";
import { headersOf } from "../retrieve/headers.ts";
import { DEFAULT_MAX_OCTETS } from "../retrieve/retrieval.ts";
import { select } from "../select/select.ts";
import { candidatesIn, type Selection } from "../select/selection.ts";
import { askAtFirstListing } from "./first-listing.ts";
import type { BaselineOptions } from "./options.ts";
import { proveTop } from "./prove.ts";
import { quit } from "./quit.ts";
import { isOutOfStep, rememberServer } from "./remember-server.ts";

/** Number of messages that are marked in one transaction. */
const BLOCK = 500;

/** Runs the stages of a baseline (rule 24): listing, detect, select, record, report. */
export async function* baselineStages(
  options: BaselineOptions,
  report: Report,
): AsyncGenerator<readonly Outcome[]> {
  const { session, store } = options;
  const run = new RunState({
    session,
    store,
    maildrop: options.lease?.maildrop ?? (await store.openMaildrop(options.maildrop)),
    criteria: null,
    lease: options.lease ?? null,
    now: options.now ?? (() => new Date()),
    report,
  });
  const inspection = await inspect(run);
  await askAtFirstListing(run, inspection, options.onFirstListing);
  try {
    yield* markAll(run, inspection, options);
  } catch (error) {
    // If it is the store that broke, this fails, too.
    if (error instanceof ServerError && isOutOfStep(error))
      await rememberServer(run, error, run.pipelining).catch(() => {});
    throw error;
  }
}

async function* markAll(
  run: RunState,
  inspection: Inspection,
  { session, spool }: BaselineOptions,
): AsyncGenerator<readonly Outcome[]> {
  const { report } = run;
  const { entries } = inspection;
  const { listing } = entries;
  let retrieved = false;
  const classed = entries.in("classed");
  if (classed.length > 0) {
    // TOP can prove itself by any of them, however large it is.
    const maxOctets = classed.reduce(
      (most, index) => Math.max(most, listing.octets(index) ?? 0),
      DEFAULT_MAX_OCTETS,
    );
    const proof = await proveTop(run, { spool, maxOctets, pipelining: run.pipelining }, false);
    retrieved = proof !== null;
    await proof?.content.discard();
  }
  report.progress.phase = "selecting";
  const selection = await select(run, inspection);
  const single = openSingles(run, selection);
  report.progress.messages = single.length;
  await noteHeaders(run, single);
  for (const block of blocksOf(single, BLOCK)) {
    await run.transact((tx) => markSingles(run, tx, block));
    entries.moveAll(block, "baselined");
    report.progress.messagesDone += block.length;
  }
  yield* markClasses(run, selection);
  await run.transact(async (tx) => {
    await recount(run, tx, inspection, selection);
    tx.raiseGeneration();
    if (selection.unlikeUnderOneId) tx.change({ uniqueIdsTrusted: false });
    tx.change({ endedCleanly: true, lastRun: run.now(), lastCount: inspection.listed });
  });
  // A message that was retrieved to prove TOP is not stored, and QUIT could hide it (rule 18).
  if (!retrieved && !run.hasUnrecordedProof) await quit(session);
}

/** The candidates that get a row of their own: those that a fetch would retrieve now, or later because they failed. */
function openSingles({ entries }: RunState, selection: Selection): readonly Candidate[] {
  const chosen = (state: EntryState): readonly Candidate[] => candidatesIn(entries, selection, state);
  const notDue = chosen("notDue").filter(({ why }) => why === "retry");
  return [...chosen("queued"), ...chosen("retry"), ...notDue, ...chosen("renumbered")].filter(
    ({ identity }) => identity !== null,
  );
}

/** Asks for headers, by which the mail is known again after a renumbering. An entry whose TOP is refused gets none. */
async function noteHeaders(run: RunState, candidates: readonly Candidate[]): Promise<void> {
  if (run.facts.topProven === false) return;
  const asked = candidates.filter(({ evidence }) => evidence === null);
  for await (const headers of headersOf(run, asked))
    for (const { candidate, block } of headers) if (block !== null) candidate.evidence = blockEvidence(block);
}

async function markSingles(
  run: RunState,
  tx: RunTransaction,
  candidates: readonly Candidate[],
): Promise<void> {
  const keys = [...candidates.map(keyOf), ...candidates.map((candidate) => classKeyOf(run, candidate))];
  const rows = byIdentity(await tx.ledger.entries(keys));
  const writes = new RowWrites();
  for (const candidate of candidates) {
    const own = rows.get(latin1(keyOf(candidate)));
    // The own row of a twin names the message of another entry (rule 6a). It is replaced, not kept.
    const byClass =
      candidate.why !== "twin" && (own?.disposition === "stored" || own?.disposition === "baseline");
    // If the unique-id's own row is about another message, which is settled, this one gets a class row.
    const identity = byClass ? classKeyOf(run, candidate) : keyOf(candidate);
    const key = latin1(identity);
    const row = listedRow(candidate, "baseline", run.now(), { identity, byClass });
    // A row of this key that were about this message would have made the entry known, so it can be replaced.
    writes.put(row, rows.get(key) ?? null);
    rows.set(key, row);
  }
  await writes.write(tx.ledger);
}

/** The candidate's class key, with the header only if TOP has proved itself (rule 11): else that may prove wrong. */
function classKeyOf(run: RunState, candidate: Candidate): Uint8Array {
  return classKey(classOf(candidate, run.facts.topProven === true ? candidate.evidence : null));
}

/** Marks classes whose header a proven TOP gave. Members of other classes could not be known again: they fail. */
async function* markClasses(run: RunState, { groups }: Selection): AsyncGenerator<readonly Outcome[]> {
  const { entries } = run;
  for (const group of groups.filter(({ settled, members }) => settled < members.length)) {
    const { key, of, members, settledByUniqueId, strong } = group;
    const [first] = members;
    if (first === undefined) continue;
    if (of.headerDigest === null) {
      const message = "neither its unique-id nor its header can be used, so it cannot be marked as known";
      yield members.map((member) =>
        settleAs(entries, member.index, {
          kind: "failed",
          ...listedMessage(member),
          reason: { code: "not-baselined", message },
        }),
      );
      continue;
    }
    const row = listedRow(first, "baseline", run.now(), { identity: key, byClass: true });
    const occurrences = Math.max(members.length - settledByUniqueId, group.row?.occurrences ?? 0);
    await run.transact(async ({ ledger }) => {
      const [before] = await ledger.entries([key]);
      if (before === undefined) await ledger.insertEntries([{ ...row, occurrences, strong }]);
      else {
        const kept = before.disposition === "stored" ? before : row;
        await ledger.updateEntries([{ ...kept, occurrences, strong, ...NO_FAILURES }]);
      }
    });
    entries.moveAll(members, "baselined");
  }
}
