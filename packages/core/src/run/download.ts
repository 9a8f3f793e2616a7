import { setImmediate as turn } from "node:timers/promises";
import type { Candidate } from "../listing/candidate.ts";
import { noteAttempt } from "../record/attempt.ts";
import type { Recorder } from "../record/record.ts";
import { takeFindings } from "../report/findings.ts";
import type { Outcome } from "../report/outcome.ts";
import type { RunState } from "../report/run-state.ts";
import type { Retrieval, Retrieved, RetrieveOptions } from "../retrieve/retrieval.ts";
import { retrieve } from "../retrieve/retrieve.ts";

/**
 * After so many octets the event loop gets a turn. As long as octets of messages wait to be read nothing else would run:
 * the database's answers would wait unread, and the database would be idle.
 */
const TURN_OCTETS = 128 * 1024;

export interface DownloadContext {
  readonly run: RunState;
  readonly options: RetrieveOptions;
  readonly recorder: Recorder;
  /** How many of the first messages are retrieved one by one, each attempt noted before it is made (rule 21). */
  readonly oneByOneCount: number;
  /** True if all messages have failed before. */
  readonly retries: boolean;
}

/**
 * Retrieves and records the candidates of `plan`. `first` is the message, if any, that was retrieved before to prove TOP.
 * If something breaks, messages that arrived in step are committed and their outcomes given before the error is thrown.
 */
export async function* download(
  context: DownloadContext,
  plan: readonly Candidate[],
  first: Retrieved | null,
): AsyncGenerator<readonly Outcome[]> {
  const { run, recorder, oneByOneCount } = context;
  const { progress } = run.report;
  progress.phase = "retrieving";
  progress.messages = plan.length;
  progress.octets = plan.reduce((sum, { listedOctets }) => sum + (listedOctets ?? 0), 0);
  const proofCandidate = plan.find(({ index }) => index === first?.candidate.index);
  if (first !== null && proofCandidate !== undefined) recorder.add({ ...first, candidate: proofCandidate });
  const open = proofCandidate === undefined ? plan : plan.filter((candidate) => candidate !== proofCandidate);
  let failure: { readonly error: unknown } | null = null;
  let flushed = false;
  try {
    try {
      yield* oneByOne(context, open.slice(0, oneByOneCount));
      yield* streamed(context, open.slice(oneByOneCount));
    } catch (error) {
      failure = { error };
    }
    const last = await recorder.flush();
    flushed = true;
    yield takeFindings(run, last);
  } finally {
    // The consumer has left the loop and gets no more outcomes, but messages that arrived in step are committed.
    if (!flushed) await recorder.flush().catch(() => []);
    await recorder.discard();
  }
  if (failure !== null) throw failure.error;
}

async function* streamed(
  context: DownloadContext,
  plan: readonly Candidate[],
): AsyncGenerator<readonly Outcome[]> {
  const { run, options, recorder } = context;
  let octets = 0;
  for await (const block of retrieve(run, plan, options)) {
    for (const result of block) {
      octets += record(context, result);
      if (recorder.isBatchFull) yield takeFindings(run, await recorder.rotate());
    }
    if (octets < TURN_OCTETS) continue;
    octets = 0;
    await turn();
  }
}

/** Retrieves and commits each message by itself, after its attempt was noted and committed (rule 21). */
async function* oneByOne(
  context: DownloadContext,
  plan: readonly Candidate[],
): AsyncGenerator<readonly Outcome[]> {
  const { run, options, recorder, retries } = context;
  for (const candidate of plan) {
    await noteAttempt(run, candidate, retries);
    recorder.readFirst();
    for await (const block of retrieve(run, [candidate], { ...options, pipelining: false }))
      for (const result of block) record(context, result);
    if (run.noted !== null) run.noted.arrived = true;
    const found = takeFindings(run, await recorder.flush());
    run.noted = null;
    yield found;
  }
}

/** Hands a message, or the reason why there is none, to the recorder. Gives the message's octets. */
function record({ run, recorder }: DownloadContext, result: Retrieval): number {
  if (result.kind === "not-retrieved") {
    recorder.addFailure(result);
    return 0;
  }
  const { candidate, digests, content } = result;
  run.firstRetrieved ??= { candidate, headerDigest: digests.headerDigest };
  recorder.add(result);
  return content.octets;
}
