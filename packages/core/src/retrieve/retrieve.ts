import { ServerError } from "../errors.ts";
import type { Candidate } from "../listing/candidate.ts";
import type { MessageDigests } from "../message/digest.ts";
import type { MaildropSession, RetrReply } from "../ports/maildrop-session.ts";
import type { Content } from "../ports/spool.ts";
import type { Reason } from "../report/outcome.ts";
import type { RunState } from "../report/run-state.ts";
import { type ReceiveOptions, Receiver } from "./receiver.ts";

/** How many messages, and octets, are held back at most until every command of their exchange was answered. */
const MAX_HELD = 200;
const MAX_HELD_OCTETS = 8 * 1024 * 1024;
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

/**
 * Retrieves the candidates in order. A message is complete and digested before it is given out. A reply with fewer octets
 * than listed is suspect: the message may have forged the end of its own reply, and its rest the replies of its
 * neighbours. If commands are pipelined, nothing from this reply on can be believed, and {@link SuspectReplyError} is
 * thrown; if they are not, a NOOP shows whether replies still fit their commands, and the error is thrown if they do not.
 */
export function retrieve(
  run: RunState,
  candidates: Iterable<Candidate>,
  options: RetrieveOptions,
): AsyncGenerator<Retrieved | NotRetrieved> {
  return (options.pipelining ? pipelined : oneAtATime)(run, candidates, options);
}

async function* oneAtATime(
  run: RunState,
  candidates: Iterable<Candidate>,
  options: RetrieveOptions,
): AsyncGenerator<Retrieved | NotRetrieved> {
  for (const candidate of candidates) {
    const results: (Retrieved | NotRetrieved)[] = [];
    // The exchange must be over before NOOP, or anything that the caller does, is sent on the session.
    for await (const result of exchange(run, [candidate], options)) results.push(result);
    for (const result of results) {
      if (result.kind === "retrieved" && isShort(result)) await confirmSession(result, run.session);
      yield result;
    }
  }
}

/**
 * Retrieves in pipelined exchanges. A reply whose end was lost (a garbled or missing terminator or status line) swallows
 * the next reply, and all later replies are taken for the wrong messages. That shows only at the end, when one reply is
 * missing. So from the first message that has not exactly its listed octets on, nothing is given out before every command
 * of the exchange was answered; if one is not, what was held back is thrown away.
 */
async function* pipelined(
  run: RunState,
  candidates: Iterable<Candidate>,
  options: RetrieveOptions,
): AsyncGenerator<Retrieved | NotRetrieved> {
  const queue = candidates[Symbol.iterator]();
  for (let exhausted = false; !exhausted; ) {
    const held: (Retrieved | NotRetrieved)[] = [];
    let heldOctets = 0;
    const some = function* (): Generator<Candidate> {
      while (held.length < MAX_HELD && heldOctets < MAX_HELD_OCTETS) {
        const next = queue.next();
        exhausted = next.done === true;
        if (next.done) return;
        yield next.value;
      }
    };
    try {
      for await (const result of exchange(run, some(), options)) {
        if (held.length === 0 && (result.kind !== "retrieved" || isExact(result))) {
          yield result;
          continue;
        }
        held.push(result);
        if (result.kind === "retrieved") heldOctets += result.content.octets;
      }
      while (held.length > 0) yield* held.splice(0, 1);
    } finally {
      for (const result of held) if (result.kind === "retrieved") await result.content.discard();
    }
  }
}

/** Does one exchange of RETR commands; a candidate that is listed as too large is not asked for. */
async function* exchange(
  run: RunState,
  candidates: Iterable<Candidate>,
  options: RetrieveOptions,
): AsyncGenerator<Retrieved | NotRetrieved> {
  const inFlight: Candidate[] = [];
  const overLimit: Candidate[] = [];
  const requests = function* () {
    for (const candidate of candidates) {
      if ((candidate.listedOctets ?? 0) > options.maxOctets) {
        overLimit.push(candidate);
        continue;
      }
      inFlight.push(candidate);
      yield { messageNumber: candidate.messageNumber, listedOctets: candidate.listedOctets };
    }
  };
  for await (const reply of run.session.retrMany(requests(), { pipelining: options.pipelining })) {
    for (const candidate of overLimit.splice(0)) yield tooLarge(candidate, options.maxOctets);
    const candidate = inFlight.shift();
    if (candidate === undefined || candidate.messageNumber !== reply.messageNumber)
      throw new ServerError("garbled-reply", "the server's replies do not fit the commands");
    const result = await receive(run, candidate, reply, options);
    if (options.pipelining && result.kind === "retrieved" && isShort(result)) {
      await result.content.discard();
      throw new SuspectReplyError(candidate);
    }
    yield result;
  }
  for (const candidate of overLimit) yield tooLarge(candidate, options.maxOctets);
}

async function receive(
  run: RunState,
  candidate: Candidate,
  reply: RetrReply,
  options: RetrieveOptions,
): Promise<Retrieved | NotRetrieved> {
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
  const receiver = new Receiver(options);
  const most = mostOctets(candidate, options);
  try {
    for await (const chunk of reply.content) {
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

function isShort({ candidate, digests }: Retrieved): boolean {
  return candidate.listedOctets !== null && digests.octets < candidate.listedOctets;
}

/** True if as many octets arrived as LIST gave, or if LIST gave none. */
function isExact({ candidate, digests }: Retrieved): boolean {
  return candidate.listedOctets === null || digests.octets === candidate.listedOctets;
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
