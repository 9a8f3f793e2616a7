import { inspect } from "../detect/inspect.ts";
import { type Candidate, listedMessage } from "../listing/candidate.ts";
import type { EntryState } from "../listing/entry-state.ts";
import { readHeader } from "../message/header.ts";
import { deferredFinding, reasonsOf, waitingOutcome } from "../record/apply.ts";
import { bind } from "../record/bind.ts";
import { settleAs } from "../report/findings.ts";
import type { Outcome } from "../report/outcome.ts";
import type { Report } from "../report/report.ts";
import { RunState } from "../report/run-state.ts";
import { type AskedHeader, headersOf } from "../retrieve/headers.ts";
import { topUsable } from "../select/ask-headers.ts";
import { select } from "../select/select.ts";
import { candidatesIn, decisionOf, firstSights } from "../select/selection.ts";
import { EmptyLedger } from "./empty-ledger.ts";
import { askAtFirstListing } from "./first-listing.ts";
import type { CheckOptions } from "./options.ts";

/** Runs the stages of a check: listing, detect, select, report. */
export async function* checkStages(
  options: CheckOptions,
  report: Report,
): AsyncGenerator<readonly Outcome[]> {
  const { session } = options;
  const found = (await options.store?.findMaildrop(options.maildrop)) ?? null;
  // A maildrop that was never fetched is treated like one in an empty database.
  const store = found === null || options.store === null ? new EmptyLedger() : options.store;
  const run = new RunState({
    session,
    store,
    maildrop: found ?? (await store.openMaildrop(options.maildrop)),
    criteria: options.criteria ?? null,
    lease: null,
    now: options.now ?? (() => new Date()),
    report,
    keepsHeaders: true,
  });
  const inspection = await inspect(run);
  await askAtFirstListing(run, inspection, options.onFirstListing);
  const { entries } = inspection;
  report.progress.phase = "selecting";
  const selection = await select(run, inspection);
  const chosen = (state: EntryState): readonly Candidate[] => candidatesIn(entries, selection, state);
  yield chosen("rejected").map((candidate) =>
    settleAs(entries, candidate.index, { kind: "skipped", ...listedMessage(candidate) }),
  );
  yield chosen("early").flatMap((candidate) => {
    const { ripe } = candidate;
    return ripe === null ? [] : [settleAs(entries, candidate.index, waitingOutcome(candidate, ripe))];
  });
  const renumbered = chosen("renumbered");
  if (renumbered.length > 0) {
    const context = { groups: selection.groups, write: false };
    const bound = await run.transact((tx) => bind(run, tx, renumbered, context));
    const messages = new Map(bound.map(({ candidate, messageId }) => [candidate, messageId]));
    for (const candidate of renumbered) {
      const id = messages.get(candidate);
      if (id === undefined) entries.move(candidate.index, "queued");
      else yield [settleAs(entries, candidate.index, { kind: "rebound", ...listedMessage(candidate), id })];
    }
  }
  const failed = [...chosen("retry"), ...chosen("notDue")];
  const reasons = await reasonsOf(run, failed);
  yield failed.map((candidate) =>
    settleAs(entries, candidate.index, deferredFinding(candidate, reasons).outcome),
  );

  const fresh = chosen("queued").toSorted((a, b) => a.messageNumber - b.messageNumber);
  // If TOP has not proved itself, selecting has not used it. A check loses no mail by a wrong header, so it uses TOP.
  const undecided = run.criteria !== null && !topUsable(run);
  const { limit = Number.POSITIVE_INFINITY } = options;
  const shown = undecided ? fresh : fresh.slice(0, limit);
  entries.moveAll(fresh.slice(shown.length), "left");
  report.progress.phase = "retrieving";
  report.progress.messages = shown.length;
  const firstSeen = await firstSights(run, undecided ? shown : [], inspection.hasUndecidedRows);
  let told = 0;
  for await (const { candidate, block } of withBlocks(run, shown)) {
    report.progress.messagesDone++;
    const decision =
      undecided && block !== null ? decisionOf(run, candidate, block, firstSeen(candidate)) : true;
    if (decision === false)
      yield [settleAs(entries, candidate.index, { kind: "skipped", ...listedMessage(candidate) })];
    else if (decision !== true)
      yield [settleAs(entries, candidate.index, waitingOutcome(candidate, decision))];
    else if (told >= limit) entries.move(candidate.index, "left");
    else {
      told++;
      const header = candidate.header ?? (block === null ? null : readHeader(block));
      yield [settleAs(entries, candidate.index, { kind: "new", ...listedMessage(candidate), header })];
    }
  }
  // All outcomes are given, so a connection that breaks now changes nothing.
  await session.quit().catch(() => {});
}

/** The candidates in order, each with its header block; null if TOP is refused, or if selecting has read the header. */
async function* withBlocks(run: RunState, candidates: readonly Candidate[]): AsyncGenerator<AskedHeader> {
  const asked = candidates.filter(({ header }) => header === null);
  let next = 0;
  const known = function* () {
    for (let candidate = candidates[next]; candidate?.header != null; candidate = candidates[++next])
      yield { candidate, block: null };
  };
  yield* known();
  for await (const headers of headersOf(run, asked))
    for (const header of headers) {
      next++;
      yield header;
      yield* known();
    }
}
