import { ServerError } from "../errors.ts";
import type { Candidate } from "../listing/candidate.ts";
import { digestMessage, type MessageDigests } from "../message/digest.ts";
import type { MaildropSession, RetrReply } from "../ports/maildrop-session.ts";
import { MemoryContent } from "../ports/memory-content.ts";
import type { Content } from "../ports/spool.ts";
import type { Reason } from "../report/outcome.ts";
import type { RunState } from "../report/run-state.ts";
import { type ReceiveOptions, Receiver } from "./receiver.ts";

/** Larger messages are deferred unless the caller gives another limit: 100 MiB. */
export const DEFAULT_MAX_OCTETS = 100 * 1024 * 1024;
/** At least this many octets beyond the limit are read and thrown away, so that the session stays in step. */
const READ_PAST = 1024 * 1024;

/** A message that arrived whole, with its digests. */
export interface Retrieved {
  readonly kind: "retrieved";
  readonly candidate: Candidate;
  readonly content: Content;
  readonly digests: MessageDigests;
}

/** A message that was not retrieved, or not kept, in a session that goes on. */
export interface NotRetrieved {
  readonly kind: "not-retrieved";
  readonly candidate: Candidate;
  readonly reason: Reason;
  /** True if the server has sent it all the same: on servers where retrieval hides messages QUIT would hide it. */
  readonly arrivedAnyway: boolean;
}

export interface RetrieveOptions extends ReceiveOptions {
  readonly pipelining: boolean;
}

/** What became of the request for one message. */
export type Retrieval = Retrieved | NotRetrieved;

/**
 * Retrieves the candidates in order, and gives blocks of what is sure to be in step: the session gives no message before a
 * command that was sent behind it was answered as itself. A message is complete and digested before it is given out.
 *
 * A reply with fewer octets than listed is suspect: the message may have forged the end of its own reply, and its rest
 * the replies of its neighbours, whatever they answer. If commands are pipelined, nothing from there on can be believed,
 * and {@link SuspectReplyError} is thrown; if they are not, a NOOP shows whether replies still fit their commands, and
 * the error is thrown if they do not.
 */
export function retrieve(
  run: RunState,
  candidates: Iterable<Candidate>,
  options: RetrieveOptions,
): AsyncGenerator<readonly Retrieval[]> {
  return options.pipelining ? exchange(run, candidates, options) : oneAtATime(run, candidates, options);
}

async function* oneAtATime(
  run: RunState,
  candidates: Iterable<Candidate>,
  options: RetrieveOptions,
): AsyncGenerator<readonly Retrieval[]> {
  for (const candidate of candidates) {
    const block: Retrieval[] = [];
    // The exchange must be over before NOOP, or anything that the caller does, is sent on the session.
    for await (const some of exchange(run, [candidate], options)) block.push(...some);
    for (const result of block)
      if (result.kind === "retrieved" && isShort(result)) await confirmSession(result, run.session);
    yield block;
  }
}

/** Does one exchange of RETR commands; a candidate that is listed as too large is not asked for. */
async function* exchange(
  run: RunState,
  candidates: Iterable<Candidate>,
  options: RetrieveOptions,
): AsyncGenerator<readonly Retrieval[]> {
  const { pipelining, maxOctets } = options;
  /** The candidates whose messages are awaited, by message number. */
  const asked = new Map<number, Candidate>();
  const overLimit: Candidate[] = [];
  const requests = function* () {
    for (const candidate of candidates) {
      const { messageNumber, listedOctets } = candidate;
      if ((listedOctets ?? 0) > maxOctets) overLimit.push(candidate);
      else {
        asked.set(messageNumber, candidate);
        yield { messageNumber, listedOctets };
      }
    }
  };
  const candidateOf = (messageNumber: number): Candidate => {
    const candidate = asked.get(messageNumber);
    if (candidate === undefined) throw outOfStep();
    asked.delete(messageNumber);
    return candidate;
  };
  /** Large messages that arrived since the last block, so that nobody knows yet whether they are in step. */
  const streamed: Retrieval[] = [];
  try {
    for await (const part of run.session.retrMany(requests(), { pipelining })) {
      if (part.kind === "suspect") throw new SuspectReplyError(candidateOf(part.messageNumber));
      if (part.kind === "stream") {
        const received = await receive(run, candidateOf(part.messageNumber), part.content, options);
        streamed.push(received);
        if (pipelining && isShort(received)) throw new SuspectReplyError(received.candidate);
        continue;
      }
      const block: Retrieval[] = overLimit.splice(0).map((candidate) => tooLarge(candidate, maxOctets));
      block.push(...streamed);
      for (const reply of part.replies) {
        const result = wholeReply(run, candidateOf(reply.messageNumber), reply, maxOctets);
        if (pipelining && isShort(result)) throw new SuspectReplyError(result.candidate);
        block.push(result);
      }
      streamed.length = 0;
      yield block;
    }
    if (streamed.length > 0 || asked.size > 0) throw outOfStep();
    if (overLimit.length > 0) yield overLimit.map((candidate) => tooLarge(candidate, maxOctets));
  } finally {
    for (const one of streamed) if (one.kind === "retrieved") await one.content.discard();
  }
}

function outOfStep(): ServerError {
  return new ServerError("garbled-reply", "the server's replies do not fit the commands");
}

function wholeReply(run: RunState, candidate: Candidate, reply: RetrReply, maxOctets: number): Retrieval {
  if (reply.kind === "refused") {
    const { responseCode, text } = reply.refusal;
    const code = responseCode === null ? "" : `[${responseCode}] `;
    return {
      kind: "not-retrieved",
      candidate,
      reason: { code: "refused", message: `the server refused RETR: ${code}${text}`.trimEnd() },
      arrivedAnyway: false,
    };
  }
  const { octets } = reply;
  run.report.progress.octetsDone += octets.length;
  if (octets.length > maxOctets) return tooLarge(candidate, maxOctets, true);
  return { kind: "retrieved", candidate, content: new MemoryContent(octets), digests: digestMessage(octets) };
}

/** Takes a large message while it arrives. */
async function receive(
  run: RunState,
  candidate: Candidate,
  content: AsyncIterable<Uint8Array>,
  options: RetrieveOptions,
): Promise<Retrieval> {
  const receiver = await Receiver.create(options);
  const most = mostOctets(candidate, options);
  try {
    for await (const chunk of content) {
      run.report.progress.octetsDone += chunk.length;
      // Nothing is kept of a message beyond the limit, but its rest is read, so that the session stays in step.
      const taking = receiver.take(chunk);
      if (taking !== undefined) await taking;
      if (receiver.octets <= most) continue;
      run.session.close();
      throw new OverlongMessageError(candidate, most);
    }
    const message = await receiver.finish();
    if (message === null) return tooLarge(candidate, options.maxOctets, true);
    return { kind: "retrieved", candidate, ...message };
  } catch (error) {
    await receiver.discard();
    throw error;
  }
}

/**
 * The number of octets after which a message is given up with its session, as some replies never end. It is well above
 * the listed octets, which may be too few, and above the limit, because the rest of too large messages is read.
 */
function mostOctets({ listedOctets }: Candidate, { maxOctets }: RetrieveOptions): number {
  const most = Math.max(listedOctets ?? 0, maxOctets);
  return most + Math.max(most / 8, READ_PAST);
}

function tooLarge(candidate: Candidate, maxOctets: number, arrivedAnyway = false): NotRetrieved {
  const message = `the message is larger than the limit of ${maxOctets} octets`;
  return { kind: "not-retrieved", candidate, reason: { code: "too-large", message }, arrivedAnyway };
}

function isShort(result: Retrieval): boolean {
  if (result.kind !== "retrieved") return false;
  const { candidate, digests } = result;
  return candidate.listedOctets !== null && digests.octets < candidate.listedOctets;
}

/** Throws {@link SuspectReplyError} unless the session is still in step after this message, which shows by a NOOP. */
async function confirmSession(short: Retrieved, session: MaildropSession): Promise<void> {
  try {
    await session.noop();
  } catch (error) {
    await short.content.discard();
    throw new SuspectReplyError(short.candidate, { cause: error });
  }
}

/** A reply to RETR had fewer octets than listed, and the session cannot be trusted any more. */
export class SuspectReplyError extends ServerError {
  readonly candidate: Candidate;

  constructor(candidate: Candidate, options?: { cause?: unknown }) {
    super(
      "suspect-reply",
      `message ${candidate.messageNumber} ended before its listed octets; the session cannot be trusted any more`,
      options,
    );
    this.candidate = candidate;
  }
}

/** A reply to RETR went on far beyond what is listed and allowed, and the session was closed. */
export class OverlongMessageError extends ServerError {
  readonly candidate: Candidate;

  constructor(candidate: Candidate, most: number) {
    const { messageNumber, listedOctets } = candidate;
    const listed = listedOctets === null ? "" : ` (the server lists ${listedOctets})`;
    super(
      "overlong-message",
      `message ${messageNumber} has not ended after ${Math.floor(most)} octets${listed}, and was given up`,
    );
    this.candidate = candidate;
  }
}
