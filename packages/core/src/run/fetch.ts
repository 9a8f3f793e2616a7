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
import { OverlongMessageError } from "../retrieve/errors.ts";
import { DEFAULT_MAX_OCTETS, type Retrieved, type RetrieveOptions } from "../retrieve/retrieval.ts";
import { select } from "../select/select.ts";
import { candidatesIn, type Selection } from "../select/selection.ts";
import { download } from "./download.ts";
import { askAtFirstListing } from "./first-listing.ts";
import type { FetchOptions } from "./options.ts";
import { isTopWanted, proveTop, proveTopBy } from "./prove.ts";
import { quit } from "./quit.ts";
import { isOutOfStep, rememberServer } from "./remember-server.ts";

/** How many settled messages are retrieved again to move the provider's window on, if retrieval hides messages. */
const NUDGED_MESSAGES = 100;
/** After a run that did not end by itself, this many messages are retrieved and committed one by one. */
const CAREFUL_MESSAGES = 400;

/** Runs the stages of a fetch: listing, detect, select, retrieve, record. */
export async function* fetchStages(
  options: FetchOptions,
  report: Report,
): AsyncGenerator<readonly Outcome[]> {
  const { session, store, signal } = options;
  const run = new RunState({
    session,
    store,
    maildrop: options.lease?.maildrop ?? (await store.openMaildrop(options.maildrop)),
    criteria: options.criteria ?? null,
    hooks: options.hooks ?? [],
    lease: options.lease ?? null,
    now: options.now ?? (() => new Date()),
    report,
    ...(options.attempts === undefined ? {} : { attempts: options.attempts }),
  });
  const { retrievalHides } = options;
  if (retrievalHides !== undefined && retrievalHides !== run.facts.retrievalHides)
    await run.note({ retrievalHides });
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
      // If it is the store that broke, this fails, too; the next run sees that this one did not end by itself.
      await fetch.remember(error).catch(() => {});
    }
    throw error;
  } finally {
    if (ended === "asked to") await endAsAsked(run).catch(() => {});
  }
}

/** Notes that the run ended because it was asked to, so that the message under way is not to blame. */
async function endAsAsked(run: RunState): Promise<void> {
  await takeBackAttempt(run);
  await run.note({ endedCleanly: true });
}

class Fetch {
  readonly #run: RunState;
  readonly #options: FetchOptions;
  readonly #inspection: Inspection;
  readonly #recorder: Recorder;
  readonly #retrieveOptions: RetrieveOptions;
  /** True if the last run did not end by itself: then a message may have killed it (rule 21). */
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
    if (entries.hasAny("unknown", "changed", "classed")) await this.#begin();
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

  /** @param proof the message that was retrieved to prove TOP; null if there is none */
  async *#withProof(proof: Retrieved | null): AsyncGenerator<readonly Outcome[]> {
    const run = this.#run;
    const inspection = this.#inspection;
    run.report.progress.phase = "selecting";
    const selection = await select(run, inspection);
    skipTried(run, selection);
    const proofCandidate = proof === null ? null : placeProof(run, selection, proof);
    yield* applySelection(run, inspection, selection);
    const { plan, oneByOneCount, retries } = this.#plan(selection, proofCandidate);
    if (plan.length > 0) await this.#begin();
    yield* download(
      { run, options: this.#retrieveOptions, recorder: this.#recorder, oneByOneCount, retries },
      plan,
      proof,
    );
    // TOP had nothing to decide in this run, so its proof could wait until the mail is stored (rule 11).
    if (run.facts.topProven === null && run.firstRetrieved !== null)
      await proveTopBy(run, run.firstRetrieved.candidate, run.firstRetrieved.headerDigest);
    await finish(run, inspection, selection);
    await this.#end();
  }

  /** Notes for the next run what an error of `stages` says about the server or about a message. */
  async remember(error: unknown): Promise<void> {
    const run = this.#run;
    // Replies to TOP can be out of step before the first RETR.
    if (error instanceof ServerError && (this.#retrieving || isOutOfStep(error))) {
      if (error instanceof OverlongMessageError) await this.#giveUp(error);
      else await rememberServer(run, error, this.#retrieveOptions.pipelining);
    }
    await explainAttempt(run, error);
  }

  /** Defers the message, which alone is to blame: the next run need not be careful, and this fetch tries it no more. */
  async #giveUp({ candidate, code, message }: OverlongMessageError): Promise<void> {
    const run = this.#run;
    await run.transact(async (tx) => {
      await defer(run, tx, [{ candidate, reason: { code, message } }]);
      tx.change({ endedCleanly: true });
    });
    run.attempts.noteRetry(keyOf(candidate));
    run.entries.move(candidate.index, "deferred");
  }

  /**
   * Notes before the first RETR that a run is under way: if it does not end by itself, the next one is careful. Of a process
   * that dies under a lease the lease itself says so, because it is never given back.
   */
  async #begin(): Promise<void> {
    if (this.#retrieving) return;
    this.#retrieving = true;
    const { utf8 } = this.#run.session;
    await this.#run.note({ endedCleanly: false, utf8 });
  }

  /**
   * Plans what to retrieve, in which order, and how many messages one by one (rule 21). Messages that failed before have
   * a run of their own, so that new mail never waits for them (rule 15). `proofCandidate` was retrieved before, to prove
   * TOP, and comes first, even beyond the limit.
   */
  #plan(
    selection: Selection,
    proofCandidate: Candidate | null,
  ): { readonly plan: readonly Candidate[]; readonly oneByOneCount: number; readonly retries: boolean } {
    const { entries } = this.#run;
    const { only, limit = Number.POSITIVE_INFINITY } = this.#options;
    const first = proofCandidate === null ? [] : [proofCandidate];
    const others = (state: EntryState): Candidate[] =>
      candidatesIn(entries, selection, state).filter((candidate) => candidate !== proofCandidate);
    const queue = others("queued").sort((a, b) => a.messageNumber - b.messageNumber);
    const retries = others("retry");
    const isForRetries = only === "retries" || (first.length + queue.length === 0 && retries.length > 0);
    const wanted = [...first, ...(isForRetries ? retries : queue)];
    const plan = wanted.slice(0, Math.max(limit, first.length));
    entries.moveAll(wanted.slice(plan.length), "left");
    if (isForRetries) return { plan, oneByOneCount: plan.length, retries: true };
    entries.moveAll(retries, "postponed");
    const oneByOneCount = this.#careful ? CAREFUL_MESSAGES : 0;
    return {
      plan: wanted.length === 0 ? this.#settledAgain(selection) : plan,
      oneByOneCount,
      retries: false,
    };
  }

  /**
   * The settled messages to retrieve again (rule 19), if retrieval hides messages. One that is still listed there was
   * committed by a run that died before QUIT, or was skipped or marked as known. It would fill the provider's window for
   * ever if it were not retrieved in a session that ends with QUIT.
   */
  #settledAgain({ groups }: Selection): readonly Candidate[] {
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
    if (this.#recorder.unrecorded > 0 || this.#run.hasUnrecordedProof) return;
    await quit(this.#run.session);
  }
}

/** Takes out entries that failed before and were tried already in this fetch, perhaps in an earlier run (rule 20). */
function skipTried({ attempts, entries }: RunState, selection: Selection): void {
  const had = candidatesIn(entries, selection, "retry").filter((candidate) =>
    attempts.wasRetried(keyOf(candidate)),
  );
  entries.moveAll(had, "tried");
}

/**
 * Sees to it that the message which was retrieved to prove TOP is recorded in this run, because QUIT could not be sent
 * otherwise (rule 18). Gives its candidate, null if nothing is to be done with it.
 */
function placeProof(
  { entries }: RunState,
  { candidates, groups }: Selection,
  { candidate: { index } }: Retrieved,
): Candidate | null {
  const decided = candidates.find((candidate) => candidate.index === index);
  if (decided !== undefined) {
    const state = entries.state(index);
    if (state === "notDue" || state === "tried") entries.move(index, "retry");
    // What is not wanted yet is stored all the same, because it is here already (rule 26).
    if (state === "renumbered" || state === "early") entries.move(index, "queued");
    return state === "rejected" ? null : decided;
  }
  // It is known by its row or by its class: now its content is here, which can tell more.
  if (entries.isCovered(index)) return candidateOf(entries.listing, index, "again");
  const known = groups.filter(isKnownClass).flatMap(({ members }) => members);
  return known.find((candidate) => candidate.index === index) ?? null;
}
