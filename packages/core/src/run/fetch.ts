import { type Inspection, inspect } from "../detect/inspect.ts";
import { ServerError } from "../errors.ts";
import { type Candidate, type ClassGroup, candidateOf, isKnownClass, keyOf } from "../listing/candidate.ts";
import { Roll } from "../listing/roll.ts";
import type { MaildropSession } from "../ports/session.ts";
import { applySelection } from "../record/apply.ts";
import { explainAttempt, takeBackAttempt } from "../record/attempt.ts";
import { defer } from "../record/defer.ts";
import { finish } from "../record/finish.ts";
import { Recorder } from "../record/record.ts";
import { Findings } from "../report/findings.ts";
import type { Outcome } from "../report/outcome.ts";
import type { Report } from "../report/report.ts";
import { RunState } from "../report/run-state.ts";
import {
  DEFAULT_MAX_OCTETS,
  OverlongMessageError,
  type Retrieved,
  type RetrieveOptions,
  SuspectReplyError,
} from "../retrieve/retrieve.ts";
import { select } from "../select/select.ts";
import { type Selection, tellSelection } from "../select/selection.ts";
import { download } from "./download.ts";
import { askAtFirstListing } from "./first-listing.ts";
import type { FetchOptions } from "./options.ts";
import { isTopWanted, proveTop, proveTopBy } from "./prove.ts";
import { quit } from "./quit.ts";

/** Where retrieval hides, so many settled messages are retrieved again to move the provider's window on. */
const NUDGED_MESSAGES = 100;
/** After a run that did not end by itself, this many messages are retrieved and committed one by one. */
const CAREFUL_MESSAGES = 400;

/** The stages of a fetch, joined: listing, detect, select, retrieve, record, report. */
export async function* fetchStages(
  options: FetchOptions,
  report: Report,
): AsyncGenerator<readonly Outcome[]> {
  const { session, store, signal } = options;
  const run = new RunState({
    store,
    maildrop: await store.openMaildrop(options.maildrop),
    criteria: options.criteria ?? null,
    hooks: options.hooks ?? [],
    leaseToken: options.leaseToken ?? null,
    now: options.now ?? (() => new Date()),
    report,
    ...(options.attempts === undefined ? {} : { attempts: options.attempts }),
  });
  const { retrievalHides } = options;
  if (retrievalHides !== undefined && retrievalHides !== run.facts.retrievalHides)
    await run.transact(async (tx) => tx.change({ retrievalHides }));
  const inspection = await inspect(run, session);
  await askAtFirstListing(run, inspection, options.onFirstListing);
  const fetch = new Fetch(run, session, options, inspection);
  let ended: "by itself" | "broken" | "asked to" = "asked to";
  try {
    yield* fetch.stages();
    ended = "by itself";
  } catch (error) {
    if (!signal?.aborted) {
      ended = "broken";
      // If the store is what broke, nothing can be noted; the next run finds out by itself.
      await fetch.remember(error).catch(() => {});
    }
    throw error;
  } finally {
    if (ended === "asked to") await endAsAsked(run).catch(() => {});
  }
}

/** The message that was under way is not to blame for the end. */
async function endAsAsked(run: RunState): Promise<void> {
  await takeBackAttempt(run);
  await run.transact(async (tx) => tx.change({ endedCleanly: true }));
}

class Fetch {
  readonly #run: RunState;
  readonly #session: MaildropSession;
  readonly #options: FetchOptions;
  readonly #inspection: Inspection;
  readonly #roll: Roll;
  readonly #recorder: Recorder;
  readonly #findings: Findings;
  readonly #retrieveOptions: RetrieveOptions;
  /** True if the last run did not end by itself: then a message may be what ended it. */
  readonly #careful: boolean;
  #retrieving = false;

  constructor(run: RunState, session: MaildropSession, options: FetchOptions, inspection: Inspection) {
    this.#run = run;
    this.#session = session;
    this.#options = options;
    this.#inspection = inspection;
    const { index, settled } = inspection.detection;
    this.#roll = new Roll(inspection.listing, index, run.facts.uniqueIdsTrusted, settled);
    this.#recorder = new Recorder(run, this.#roll);
    this.#findings = new Findings(run, this.#roll, settled);
    this.#careful = !run.facts.endedCleanly;
    this.#retrieveOptions = {
      spool: options.spool,
      maxOctets: options.maxOctets ?? DEFAULT_MAX_OCTETS,
      pipelining: session.pipelining && !run.facts.sequential,
    };
  }

  async *stages(): AsyncGenerator<readonly Outcome[]> {
    const { detection } = this.#inspection;
    if (detection.unknown.length + detection.changed.length + detection.classed.length > 0)
      await this.#begin();
    if (this.#careful) this.#recorder.lookFirst();
    const first =
      this.#careful || isTopWanted(this.#run, this.#inspection)
        ? await proveTop(this.#run, this.#session, this.#inspection, this.#retrieveOptions, this.#careful)
        : null;
    try {
      yield* this.#withFirst(first);
    } finally {
      await first?.content.discard();
    }
  }

  async *#withFirst(first: Retrieved | null): AsyncGenerator<readonly Outcome[]> {
    const run = this.#run;
    const session = this.#session;
    const inspection = this.#inspection;
    run.report.progress.phase = "selecting";
    const selection = await select(run, session, inspection.listing, inspection.detection);
    holdBack(run, selection);
    tellSelection(run, inspection.listing, selection);
    if (first !== null) takeUp(inspection, selection, first);
    yield* applySelection(run, inspection, this.#roll, this.#findings, selection);
    const { plan, singly, retries } = this.#plan(selection, first?.candidate.at ?? -1);
    if (plan.length > 0) await this.#begin();
    yield* download(
      {
        run,
        session,
        options: this.#retrieveOptions,
        recorder: this.#recorder,
        findings: this.#findings,
        singly,
        retries,
      },
      plan,
      first,
    );
    // Nothing in this run was for TOP to decide: so its proof need not hold up the others.
    if (run.facts.topProven === null && run.retrieved !== null)
      await proveTopBy(run, session, run.retrieved.candidate, run.retrieved.headerDigest);
    await finish(run, inspection, selection, this.#findings.settled);
    await this.#end();
  }

  /** What an error of `stages` says about the server or a message is noted for the next run. */
  async remember(error: unknown): Promise<void> {
    const run = this.#run;
    if (this.#retrieving && error instanceof ServerError) {
      if (error instanceof OverlongMessageError) await this.#giveUp(error);
      else if (this.#retrieveOptions.pipelining)
        await run.transact(async (tx) => tx.change({ sequential: true }));
      else if (error instanceof SuspectReplyError) {
        const { candidate, code, message } = error;
        await run.transact((tx) => defer(run, tx, [{ candidate, reason: { code, message } }]));
        run.report.put(candidate.at, "deferred");
      }
    }
    await explainAttempt(run, error);
  }

  /** The message is to blame, and nothing else: the next run need not be careful, and this fetch leaves it alone. */
  async #giveUp({ candidate, code, message }: OverlongMessageError): Promise<void> {
    const run = this.#run;
    await run.transact(async (tx) => {
      await defer(run, tx, [{ candidate, reason: { code, message } }]);
      tx.change({ endedCleanly: true });
    });
    run.attempts.noteRetry(keyOf(candidate));
    run.report.put(candidate.at, "deferred");
  }

  /** Before the first RETR: should this run not end by itself, the next one is careful. */
  async #begin(): Promise<void> {
    if (this.#retrieving) return;
    this.#retrieving = true;
    const { utf8 } = this.#session;
    await this.#run.transact(async (tx) => tx.change({ endedCleanly: false, utf8 }));
  }

  /**
   * What to retrieve, in which order, and how many of it one by one. Retries have a run of their own, so that new mail
   * never waits for them. The one that proved TOP is here already, whatever the limit says.
   */
  #plan(
    { queue, retries, groups }: Selection,
    first: number,
  ): { readonly plan: Candidate[]; readonly singly: number; readonly retries: boolean } {
    const { report } = this.#run;
    const { only, limit = Number.POSITIVE_INFINITY } = this.#options;
    if (only === "retries" || (queue.length === 0 && retries.length > 0)) {
      const here = queue.filter(({ at }) => at === first);
      const all = [...here, ...retries];
      const plan = all.slice(0, Math.max(limit, here.length));
      report.putAll(all.slice(plan.length), "left");
      return { plan, singly: plan.length, retries: true };
    }
    const singly = this.#careful ? CAREFUL_MESSAGES : 0;
    if (queue.length === 0) return { plan: this.#nudged(groups), singly, retries: false };
    report.putAll(retries, "retries");
    queue.sort(
      (a, b) => Number(b.at === first) - Number(a.at === first) || a.messageNumber - b.messageNumber,
    );
    const plan = queue.slice(0, Math.max(limit, first < 0 ? 0 : 1));
    report.putAll(queue.slice(plan.length), "left");
    return { plan, singly, retries: false };
  }

  /**
   * Rule 19: where retrieval hides, what is committed and still listed belongs to a run that died before QUIT, or was
   * skipped or marked as known. It fills the provider's window for ever unless it is retrieved in a session that
   * ends with QUIT.
   */
  #nudged(groups: readonly ClassGroup[]): Candidate[] {
    const { listing } = this.#inspection;
    if (!this.#run.facts.retrievalHides) return [];
    const classed = new Map(
      groups.filter(isKnownClass).flatMap(({ members }) => members.map((member) => [member.at, member])),
    );
    const nudged: Candidate[] = [];
    for (let at = 0; at < listing.length && nudged.length < NUDGED_MESSAGES; at++) {
      const isSettled = this.#findings.settled[at] === 1;
      const candidate = isSettled ? candidateOf(listing, at, "again") : classed.get(at);
      if (candidate !== undefined) nudged.push(candidate);
    }
    return nudged;
  }

  /** Rule 18: QUIT is a promise that everything retrieved in this session is committed. */
  async #end(): Promise<void> {
    if (this.#recorder.unrecorded > 0 || this.#run.hasThrownAway) return;
    await quit(this.#session);
  }
}

/** What failed before has one turn in a fetch, however many runs that takes (rule 20). */
function holdBack({ attempts }: RunState, { retries, waiting }: Selection): void {
  const all = retries.splice(0);
  for (const candidate of all) (attempts.wasRetried(keyOf(candidate)) ? waiting : retries).push(candidate);
}

/** What proved TOP is here: it is recorded now, whatever else waits, or QUIT could not be said (rule 18). */
function takeUp(
  { listing, detection }: Inspection,
  selection: Selection,
  { candidate: { at } }: Retrieved,
): void {
  const { queue, retries, waiting, rebinds, groups } = selection;
  for (const list of [retries, waiting, rebinds]) {
    const found = list.findIndex((candidate) => candidate.at === at);
    if (found >= 0) queue.push(...list.splice(found, 1));
  }
  // Known by its row or its class alone: here its content can tell more.
  const inClass = groups.filter(isKnownClass).flatMap(({ members }) => members);
  const known =
    detection.settled[at] === 1
      ? candidateOf(listing, at, "again")
      : inClass.find((candidate) => candidate.at === at);
  if (known === undefined) return;
  queue.push(known);
}
