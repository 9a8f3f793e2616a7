import { type Inspection, inspect } from "../detect/inspect.ts";
import { ServerError } from "../errors.ts";
import { type Candidate, candidateOf, isKnownClass, keyOf } from "../listing/candidate.ts";
import type { EntryState } from "../listing/entry-state.ts";
import { applySelection } from "../record/apply.ts";
import { explainAttempt, takeBackAttempt } from "../record/attempt.ts";
import { defer } from "../record/defer.ts";
import { finish } from "../record/finish.ts";
import { Recorder } from "../record/record.ts";
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
import { candidatesIn, type Selection } from "../select/selection.ts";
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
    session,
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
  const inspection = await inspect(run);
  await askAtFirstListing(run, inspection, options.onFirstListing);
  const fetch = new Fetch(run, options, inspection);
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
  readonly #options: FetchOptions;
  readonly #inspection: Inspection;
  readonly #recorder: Recorder;
  readonly #retrieveOptions: RetrieveOptions;
  /** True if the last run did not end by itself: then a message may be what ended it. */
  readonly #careful: boolean;
  #retrieving = false;

  constructor(run: RunState, options: FetchOptions, inspection: Inspection) {
    this.#run = run;
    this.#options = options;
    this.#inspection = inspection;
    this.#recorder = new Recorder(run);
    this.#careful = !run.facts.endedCleanly;
    this.#retrieveOptions = {
      spool: options.spool,
      maxOctets: options.maxOctets ?? DEFAULT_MAX_OCTETS,
      pipelining: run.pipelining,
    };
  }

  async *stages(): AsyncGenerator<readonly Outcome[]> {
    const { entries } = this.#inspection;
    const isOpen = (["unknown", "changed", "classed"] as const).some((state) => entries.in(state).length > 0);
    if (isOpen) await this.#begin();
    if (this.#careful) this.#recorder.readFirst();
    const proof =
      this.#careful || isTopWanted(this.#run, this.#inspection)
        ? await proveTop(this.#run, this.#retrieveOptions, this.#careful)
        : null;
    try {
      yield* this.#withProof(proof);
    } finally {
      await proof?.content.discard();
    }
  }

  /** @param proof the message that TOP has proved itself by, which is here already; null if there is none */
  async *#withProof(proof: Retrieved | null): AsyncGenerator<readonly Outcome[]> {
    const run = this.#run;
    const inspection = this.#inspection;
    run.report.progress.phase = "selecting";
    const selection = await select(run, inspection);
    holdBack(run, selection);
    const here = proof === null ? null : include(run, selection, proof);
    yield* applySelection(run, inspection, selection);
    const { plan, singly, retries } = this.#plan(selection, here);
    if (plan.length > 0) await this.#begin();
    yield* download(
      { run, options: this.#retrieveOptions, recorder: this.#recorder, singly, retries },
      plan,
      proof,
    );
    // Nothing in this run was for TOP to decide: so its proof need not hold up the others.
    if (run.facts.topProven === null && run.retrieved !== null)
      await proveTopBy(run, run.retrieved.candidate, run.retrieved.headerDigest);
    await finish(run, inspection, selection);
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
        run.entries.move(candidate.index, "deferred");
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
    run.entries.move(candidate.index, "deferred");
  }

  /** Before the first RETR: should this run not end by itself, the next one is careful. */
  async #begin(): Promise<void> {
    if (this.#retrieving) return;
    this.#retrieving = true;
    const { utf8 } = this.#run.session;
    await this.#run.transact(async (tx) => tx.change({ endedCleanly: false, utf8 }));
  }

  /**
   * What to retrieve, in which order, and how many of it one by one. Retries have a run of their own, so that new mail
   * never waits for them. What is here already, because TOP has proved itself by it, comes first, whatever the limit says.
   */
  #plan(
    selection: Selection,
    here: Candidate | null,
  ): { readonly plan: readonly Candidate[]; readonly singly: number; readonly retries: boolean } {
    const { entries } = this.#run;
    const { only, limit = Number.POSITIVE_INFINITY } = this.#options;
    const first = here === null ? [] : [here];
    const others = (state: EntryState): Candidate[] =>
      candidatesIn(entries, selection, state).filter((candidate) => candidate !== here);
    const queue = others("queued").sort((a, b) => a.messageNumber - b.messageNumber);
    const retries = others("retry");
    const isForRetries = only === "retries" || (first.length + queue.length === 0 && retries.length > 0);
    const wanted = [...first, ...(isForRetries ? retries : queue)];
    const plan = wanted.slice(0, Math.max(limit, first.length));
    entries.moveAll(wanted.slice(plan.length), "left");
    if (isForRetries) return { plan, singly: plan.length, retries: true };
    entries.moveAll(retries, "postponed");
    const singly = this.#careful ? CAREFUL_MESSAGES : 0;
    return { plan: wanted.length === 0 ? this.#nudged(selection) : plan, singly, retries: false };
  }

  /**
   * Rule 19: where retrieval hides, what is committed and still listed belongs to a run that died before QUIT, or was
   * skipped or marked as known. It fills the provider's window for ever unless it is retrieved in a session that
   * ends with QUIT.
   */
  #nudged({ groups }: Selection): readonly Candidate[] {
    const { entries, facts } = this.#run;
    if (!facts.retrievalHides) return [];
    const classed = new Map(
      groups.filter(isKnownClass).flatMap(({ members }) => members.map((member) => [member.index, member])),
    );
    const nudged: Candidate[] = [];
    for (let index = 0; index < entries.length && nudged.length < NUDGED_MESSAGES; index++) {
      const candidate = entries.isCovered(index)
        ? candidateOf(entries.listing, index, "again")
        : classed.get(index);
      if (candidate !== undefined) nudged.push(candidate);
    }
    return nudged;
  }

  /** Rule 18: QUIT is a promise that everything retrieved in this session is committed. */
  async #end(): Promise<void> {
    if (this.#recorder.unrecorded > 0 || this.#run.hasThrownAway) return;
    await quit(this.#run.session);
  }
}

/** What failed before has one turn in a fetch, however many runs that takes (rule 20). */
function holdBack({ attempts, entries }: RunState, selection: Selection): void {
  const had = candidatesIn(entries, selection, "retry").filter((candidate) =>
    attempts.wasRetried(keyOf(candidate)),
  );
  entries.moveAll(had, "tried");
}

/**
 * What proved TOP is here: it is recorded now, whatever else waits, or QUIT could not be said (rule 18). Gives its
 * candidate, null if nothing is to be done with it.
 */
function include(
  { entries }: RunState,
  { candidates, groups }: Selection,
  { candidate: { index } }: Retrieved,
): Candidate | null {
  const decided = candidates.find((candidate) => candidate.index === index);
  if (decided !== undefined) {
    const state = entries.state(index);
    if (state === "waiting" || state === "tried") entries.move(index, "retry");
    if (state === "renumbered") entries.move(index, "queued");
    return state === "rejected" ? null : decided;
  }
  // Known by its row or its class alone: here its content can tell more.
  if (entries.isCovered(index)) return candidateOf(entries.listing, index, "again");
  const known = groups.filter(isKnownClass).flatMap(({ members }) => members);
  return known.find((candidate) => candidate.index === index) ?? null;
}
