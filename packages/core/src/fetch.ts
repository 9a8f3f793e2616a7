import { bind } from "./bind.ts";
import { type Candidate, candidateOf, listedMessage } from "./candidate.ts";
import { defer, keyOf } from "./defer.ts";
import { ServerError } from "./errors.ts";
import { finish } from "./finish.ts";
import { type Inspection, inspect } from "./inspect.ts";
import { latin1 } from "./octets.ts";
import type { Outcome } from "./outcome.ts";
import type { MaildropSession } from "./ports/session.ts";
import { proveTop } from "./prove.ts";
import { type Finding, Recorder } from "./record.ts";
import { reject } from "./reject.ts";
import type { Report } from "./report.ts";
import { type Retrieved, type RetrieveOptions, retrieve, SuspectReplyError } from "./retrieve.ts";
import { Roll } from "./roll.ts";
import type { FetchOptions } from "./run.ts";
import { RunState } from "./run-state.ts";
import { select } from "./select.ts";
import type { Selection } from "./selection.ts";

/** Rows written in one transaction where nothing is retrieved. */
const BLOCK = 500;
/** After a run that did not end by itself, this many messages are retrieved and committed one by one. */
const CAREFUL_MESSAGES = 400;
/** Where retrieval hides, so many settled messages are retrieved again to move the provider's window on. */
const NUDGED_MESSAGES = 100;
/** Larger messages are deferred unless the caller says otherwise: 100 MiB. */
const DEFAULT_MAX_OCTETS = 100 * 1024 * 1024;

/** The stages of a fetch, joined: listing, detect, select, retrieve, record, report. */
export async function* fetchStages(options: FetchOptions, report: Report): AsyncGenerator<Outcome> {
  const { session, store, signal } = options;
  const run = new RunState({
    store,
    maildrop: await store.openMaildrop(options.maildrop),
    criteria: options.criteria ?? null,
    leaseToken: options.leaseToken ?? null,
    now: options.now ?? (() => new Date()),
    report,
  });
  const { retrievalHides } = options;
  if (retrievalHides !== undefined && retrievalHides !== run.facts.retrievalHides)
    await run.transact(async (tx) => tx.change({ retrievalHides }));
  const inspection = await inspect(run, session);
  const fetch = new Fetch(run, session, options, inspection);
  let ended: "by itself" | "broken" | "asked to" = "asked to";
  try {
    yield* fetch.stages();
    ended = "by itself";
  } catch (error) {
    ended = signal?.aborted ? "asked to" : "broken";
    // If the store is what broke, nothing can be noted; the next run finds out by itself.
    await fetch.remember(error).catch(() => {});
    throw error;
  } finally {
    if (ended === "asked to")
      await run.transact(async (tx) => tx.change({ endedCleanly: true })).catch(() => {});
  }
}

class Fetch {
  readonly #run: RunState;
  readonly #session: MaildropSession;
  readonly #options: FetchOptions;
  readonly #inspection: Inspection;
  readonly #roll: Roll;
  readonly #recorder: Recorder;
  /** 1 for each listing entry that is settled under its own unique-id. */
  readonly #settled: Uint8Array;
  readonly #retrieveOptions: RetrieveOptions;
  /** True if the last run did not end by itself: then a message may be what ended it. */
  readonly #careful: boolean;
  #retrieving = false;

  constructor(run: RunState, session: MaildropSession, options: FetchOptions, inspection: Inspection) {
    this.#run = run;
    this.#session = session;
    this.#options = options;
    this.#inspection = inspection;
    this.#roll = new Roll(inspection.listing, inspection.detection.index, run.facts.uniqueIdsTrusted);
    this.#recorder = new Recorder(run, this.#roll);
    this.#settled = inspection.detection.settled;
    this.#careful = !run.facts.endedCleanly;
    this.#retrieveOptions = {
      spool: options.spool,
      maxOctets: options.maxOctets ?? DEFAULT_MAX_OCTETS,
      pipelining: session.pipelining && !run.facts.sequential,
    };
  }

  async *stages(): AsyncGenerator<Outcome> {
    const { report } = this.#run;
    const { listing, detection } = this.#inspection;
    report.counts.known = detection.known;
    if (detection.unknown.length + detection.changed.length + detection.classed.length > 0)
      await this.#begin();
    const first = await proveTop(
      this.#run,
      this.#session,
      this.#inspection,
      this.#retrieveOptions,
      async (candidate) => {
        if (this.#careful) await this.#noteAttempt(candidate);
      },
    );
    let selection: Selection;
    let plan: Candidate[];
    try {
      report.progress.phase = "selecting";
      selection = await select(this.#run, this.#session, listing, detection);
      if (first !== null) {
        takeUp(selection, first);
        await this.#unnoteClassed(first.candidate);
      }
      yield* this.#applySelection(selection);
      plan = this.#plan(selection, first?.candidate.at ?? -1);
    } catch (error) {
      await first?.content.discard();
      throw error;
    }
    yield* this.#retrieveAndRecord(plan, first);
    await finish(this.#run, this.#inspection, selection, this.#settled);
    await this.#end();
  }

  /** What an error of `stages` says about the server or a message is noted for the next run. */
  async remember(error: unknown): Promise<void> {
    if (!this.#retrieving || !(error instanceof ServerError)) return;
    if (this.#retrieveOptions.pipelining)
      await this.#run.transact(async (tx) => tx.change({ sequential: true }));
    else if (error instanceof SuspectReplyError) {
      const reason = { code: error.code, message: error.message };
      const failure = { candidate: error.candidate, reason, counted: this.#careful };
      await this.#run.transact((tx) => defer(this.#run, tx, [failure]));
    }
  }

  /** Before the first RETR: should this run not end by itself, the next one is careful. */
  async #begin(): Promise<void> {
    if (this.#retrieving) return;
    this.#retrieving = true;
    const { utf8 } = this.#session;
    await this.#run.transact(async (tx) => tx.change({ endedCleanly: false, utf8 }));
  }

  /** Writes down what headers alone have decided. */
  async *#applySelection(selection: Selection): AsyncGenerator<Outcome> {
    const run = this.#run;
    run.report.counts.known += selection.known;
    for (const { identity } of selection.confirmed) this.#confirm(identity);
    if (selection.unlikeUnderOneId && run.facts.uniqueIdsTrusted) await this.#distrust();
    for (const block of blocks(selection.rejected)) {
      await run.transact((tx) => reject(run, tx, block));
      for (const candidate of block)
        yield* this.#emit([{ candidate, outcome: { kind: "skipped", ...listedMessage(candidate) } }]);
    }
    for (const block of blocks(selection.rebinds)) {
      const context = { roll: this.#roll, groups: selection.groups, write: true };
      const bound = await run.transact((tx) => bind(run, tx, block, context));
      const boundCandidates = new Set(bound.map(({ candidate }) => candidate));
      selection.queue.push(...block.filter((candidate) => !boundCandidates.has(candidate)));
      for (const { candidate, messageId } of bound) {
        if (candidate.group !== null) candidate.group.settled++;
        yield* this.#emit([
          { candidate, outcome: { kind: "rebound", ...listedMessage(candidate), id: messageId } },
        ]);
      }
    }
    for (const block of blocks(selection.waiting)) {
      const rows = await run.store.entries(run.maildrop.id, block.map(keyOf));
      const reasons = new Map(rows.map((row) => [latin1(row.identity), row.reason]));
      for (const candidate of block) {
        const reason = reasons.get(latin1(keyOf(candidate))) ?? { code: "deferred", message: "not due yet" };
        yield* this.#emit([
          { candidate, outcome: { kind: "deferred", ...listedMessage(candidate), reason } },
        ]);
      }
    }
  }

  #confirm(identity: Uint8Array): void {
    const { listing, detection } = this.#inspection;
    const at = detection.index.find(identity);
    if (at < 0) return;
    this.#roll.confirm(listing.messageNumber(at));
    this.#settled[at] = 1;
  }

  async #distrust(): Promise<void> {
    await this.#run.transact(async (tx) => {
      tx.change({ uniqueIdsTrusted: false });
      tx.raiseGeneration();
    });
  }

  /** What to retrieve, in which order. Retries have a run of their own, so that new mail never waits for them. */
  #plan({ queue, retries }: Selection, first: number): Candidate[] {
    const { report } = this.#run;
    if (this.#options.only === "retries") return [...queue.filter(({ at }) => at === first), ...retries];
    if (queue.length + retries.length === 0) return this.#nudged();
    if (queue.length === 0) return retries.slice(0, this.#options.limit);
    report.retries = retries.length;
    // The one that proved TOP is here already.
    queue.sort(
      (a, b) => Number(b.at === first) - Number(a.at === first) || a.messageNumber - b.messageNumber,
    );
    const plan = queue.slice(0, this.#options.limit);
    report.left = queue.length - plan.length;
    return plan;
  }

  /**
   * Rule 19: where retrieval hides, what is committed and still listed belongs to a run that died before QUIT, or was
   * skipped or marked as known. It fills the provider's window for ever unless it is retrieved in a session that
   * ends with QUIT.
   */
  #nudged(): Candidate[] {
    const { listing } = this.#inspection;
    if (!this.#run.facts.retrievalHides) return [];
    const nudged: Candidate[] = [];
    for (let at = 0; at < listing.length && nudged.length < NUDGED_MESSAGES; at++)
      if (this.#settled[at] === 1) nudged.push(candidateOf(listing, at, "again"));
    // They are counted by what becomes of them.
    this.#run.report.counts.known -= nudged.length;
    return nudged;
  }

  async *#retrieveAndRecord(plan: readonly Candidate[], first: Retrieved | null): AsyncGenerator<Outcome> {
    const { progress } = this.#run.report;
    progress.phase = "retrieving";
    progress.messages = plan.length;
    progress.octets = plan.reduce((sum, { listedOctets }) => sum + (listedOctets ?? 0), 0);
    let open = plan;
    if (first !== null) {
      const candidate = plan.find(({ at }) => at === first.candidate.at);
      if (candidate === undefined) await first.content.discard();
      else {
        this.#recorder.add({ ...first, candidate });
        open = plan.filter((other) => other !== candidate);
      }
    }
    if (plan.length > 0) await this.#begin();
    let failure: { readonly error: unknown } | null = null;
    let flushed = false;
    try {
      try {
        const careful = this.#careful ? CAREFUL_MESSAGES : 0;
        const singly = plan[0]?.why === "retry" ? open.length : careful;
        yield* this.#oneByOne(open.slice(0, singly));
        yield* this.#streamed(open.slice(singly));
      } catch (error) {
        failure = { error };
      }
      const findings = await this.#recorder.flush();
      flushed = true;
      yield* this.#emit(findings);
    } finally {
      // Where the consumer left the loop nobody is told any more, but what arrived whole is kept.
      if (!flushed) await this.#recorder.flush().catch(() => []);
      await this.#recorder.discard();
    }
    if (failure !== null) throw failure.error;
  }

  async *#streamed(plan: readonly Candidate[]): AsyncGenerator<Outcome> {
    for await (const result of retrieve(this.#run, this.#session, plan, this.#retrieveOptions)) {
      if (result.kind === "retrieved") this.#recorder.add(result);
      else this.#recorder.addFailure(result);
      if (this.#recorder.isBatchFull) yield* this.#emit(await this.#recorder.rotate());
    }
  }

  /**
   * Rule 21: the attempt is committed before each RETR, and each message by itself, so that one that breaks the
   * session, or kills the process, cannot do so twice unseen.
   */
  async *#oneByOne(plan: readonly Candidate[]): AsyncGenerator<Outcome> {
    const options = { ...this.#retrieveOptions, pipelining: false };
    for (const candidate of plan) {
      await this.#noteAttempt(candidate);
      for await (const result of retrieve(this.#run, this.#session, [candidate], options)) {
        if (result.kind === "retrieved") this.#recorder.add(result);
        else this.#recorder.addFailure({ ...result, counted: true });
      }
      yield* this.#emit(await this.#recorder.flush());
    }
  }

  async #noteAttempt(candidate: Candidate): Promise<void> {
    const reason = { code: "unfinished", message: "the session ended while it was retrieved" };
    await this.#run.transact((tx) => defer(this.#run, tx, [{ candidate, reason }]));
    this.#recorder.lookFirst();
  }

  /** The attempt to prove TOP on a classed message was noted before its class was known: that note is void. */
  async #unnoteClassed(candidate: Candidate): Promise<void> {
    if (!this.#careful || candidate.identity !== null) return;
    const key = keyOf(candidate);
    await this.#run.transact(async ({ ledger }) => {
      const [row] = await ledger.entries([key]);
      if (row?.disposition === "deferred") await ledger.deleteEntries([key]);
      else if (row !== undefined)
        await ledger.updateEntries([{ ...row, attempts: 0, reason: null, due: null }]);
    });
  }

  *#emit(findings: readonly Finding[]): Generator<Outcome> {
    const { report } = this.#run;
    for (const { candidate, outcome } of findings) {
      const isSettled = outcome?.kind !== "deferred" && outcome?.kind !== "failed";
      if (isSettled && candidate.identity !== null && !this.#roll.isCorrected(candidate.messageNumber))
        this.#settled[candidate.at] = 1;
      if (report.progress.phase === "retrieving") report.progress.messagesDone++;
      if (outcome === null) report.counts.known++;
      else yield report.count(outcome);
    }
  }

  /** Rule 18: QUIT is a promise that everything retrieved in this session is committed. */
  async #end(): Promise<void> {
    if (this.#recorder.unrecorded > 0) return;
    try {
      await this.#session.quit();
    } catch {
      this.#run.report.warn("quit-failed", "the connection broke at QUIT; everything was committed before");
    }
  }
}

/** What proved TOP is here: it is recorded now, whatever else waits, or QUIT could not be said (rule 18). */
function takeUp({ queue, retries, waiting }: Selection, { candidate: { at } }: Retrieved): void {
  for (const list of [retries, waiting]) {
    const found = list.findIndex((candidate) => candidate.at === at);
    if (found >= 0) queue.push(...list.splice(found, 1));
  }
}

function* blocks<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += BLOCK) yield items.slice(from, from + BLOCK);
}
