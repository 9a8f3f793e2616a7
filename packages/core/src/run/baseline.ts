import { inspect } from "../detect/inspect.ts";
import { type Candidate, classOf, keyOf, listedMessage } from "../listing/candidate.ts";
import type { EntryState } from "../listing/entry-state.ts";
import { headerEvidence } from "../message/digest.ts";
import { classKey } from "../message/identity.ts";
import { latin1 } from "../message/octets.ts";
import { blocksOf } from "../ports/blocks.ts";
import { byIdentity } from "../ports/ledger-entry.ts";
import { recount } from "../record/finish.ts";
import { listedRow, NO_FAILURES } from "../record/row.ts";
import { RowWrites } from "../record/row-writes.ts";
import { tell } from "../report/findings.ts";
import type { Outcome } from "../report/outcome.ts";
import type { Report } from "../report/report.ts";
import { RunState, type RunTransaction } from "../report/run-state.ts";
import { DEFAULT_MAX_OCTETS } from "../retrieve/retrieve.ts";
import { select } from "../select/select.ts";
import { candidatesIn, type Selection } from "../select/selection.ts";
import { askAtFirstListing } from "./first-listing.ts";
import type { BaselineOptions } from "./options.ts";
import { proveTop } from "./prove.ts";
import { quit } from "./quit.ts";

/** So many messages are marked in one transaction. */
const BLOCK = 500;

/** The stages of a baseline (rule 24): listing, detect, select, record, report. */
export async function* baselineStages(
  options: BaselineOptions,
  report: Report,
): AsyncGenerator<readonly Outcome[]> {
  const { session, store, spool } = options;
  const run = new RunState({
    session,
    store,
    maildrop: await store.openMaildrop(options.maildrop),
    criteria: null,
    leaseToken: options.leaseToken ?? null,
    now: options.now ?? (() => new Date()),
    report,
  });
  const inspection = await inspect(run);
  await askAtFirstListing(run, inspection, options.onFirstListing);
  const { entries } = inspection;
  const { listing } = entries;
  let retrieved = false;
  const classed = entries.in("classed");
  if (classed.length > 0) {
    // Any of them will do, however large it is.
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
  await askHeaders(run, single);
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
  // Where one was retrieved, QUIT could hide it, and it is not stored.
  if (!retrieved && !run.hasThrownAway) await quit(session);
}

/** What is to be marked by its own row: what a fetch would retrieve, or try again one day. */
function openSingles({ entries }: RunState, selection: Selection): readonly Candidate[] {
  const chosen = (state: EntryState): readonly Candidate[] => candidatesIn(entries, selection, state);
  const waiting = chosen("waiting").filter(({ why }) => why === "retry");
  return [...chosen("queued"), ...chosen("retry"), ...waiting, ...chosen("renumbered")].filter(
    ({ identity }) => identity !== null,
  );
}

/** Headers where possible: they tell the mail again after a renumbering. A refusal leaves the entry without. */
async function askHeaders(
  { session, pipelining, facts }: RunState,
  candidates: readonly Candidate[],
): Promise<void> {
  if (facts.topProven === false) return;
  const asked = candidates.filter(({ evidence }) => evidence === null);
  const numbers = asked.map(({ messageNumber }) => messageNumber);
  let next = 0;
  for await (const reply of session.topMany(numbers, { pipelining })) {
    const candidate = asked[next++];
    if (candidate !== undefined && reply.kind === "header") candidate.evidence = headerEvidence(reply.header);
  }
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
    // A twin's row names another entry's message (rule 6a): it is this one's from now on.
    const byClass =
      candidate.why !== "twin" && (own?.disposition === "stored" || own?.disposition === "baseline");
    // Another message stands under a settled unique-id: it gets a row of its own, by class.
    const identity = byClass ? classKeyOf(run, candidate) : keyOf(candidate);
    const key = latin1(identity);
    const row = listedRow(candidate, "baseline", run.now(), { identity, byClass });
    // What stands there does not speak for this entry, or it would be known.
    writes.put(row, rows.get(key) ?? null);
    rows.set(key, row);
  }
  await writes.write(tx.ledger);
}

/** By the header once TOP has proved itself (rule 11): before that, what it says may have to be forgotten. */
function classKeyOf(run: RunState, candidate: Candidate): Uint8Array {
  return classKey(classOf(candidate, run.facts.topProven === true ? candidate.evidence : null));
}

/** Classes whose header a proven TOP told; the others cannot be told again, and are not marked. */
async function* markClasses(run: RunState, { groups }: Selection): AsyncGenerator<readonly Outcome[]> {
  const { entries } = run;
  for (const group of groups.filter(({ settled, members }) => settled < members.length)) {
    const { key, of, members, settledByUniqueId, strong } = group;
    const [first] = members;
    if (first === undefined) continue;
    if (of.headerDigest === null) {
      const message = "neither its unique-id nor its header can be used, so it cannot be marked as known";
      yield members.map((member) =>
        tell(entries, member.index, {
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
