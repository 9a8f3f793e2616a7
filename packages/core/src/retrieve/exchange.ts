import { ServerError } from "../errors.ts";
import type { Candidate } from "../listing/candidate.ts";
import { digestMessage } from "../message/digest.ts";
import type { RetrPart, RetrReply, RetrRequest } from "../ports/maildrop-session.ts";
import { MemoryContent } from "../ports/memory-content.ts";
import type { RunState } from "../report/run-state.ts";
import { OverlongMessageError, SuspectReplyError } from "./errors.ts";
import { Receiver } from "./receiver.ts";
import type { NotRetrieved, Retrieval, RetrieveOptions } from "./retrieval.ts";

/** At least this many octets beyond the limit are read and thrown away, so that the session stays in step. */
const READ_PAST = 1024 * 1024;

/**
 * One exchange of RETR commands, iterated once; a candidate that is listed as too large is not asked for. It is no async
 * generator, whose promises would cost more than the blocks.
 */
export class Exchange implements AsyncIterableIterator<readonly Retrieval[], undefined> {
  readonly #run: RunState;
  readonly #options: RetrieveOptions;
  readonly #parts: AsyncIterator<RetrPart>;
  /** The candidates whose messages are awaited, by message number. */
  readonly #asked = new Map<number, Candidate>();
  readonly #overLimit: Candidate[] = [];
  /** Large messages that arrived since the last block, so that nobody knows yet whether they are in step. */
  readonly #streamed: Retrieval[] = [];

  constructor(run: RunState, candidates: Iterable<Candidate>, options: RetrieveOptions) {
    this.#run = run;
    this.#options = options;
    const { pipelining } = options;
    const parts = run.session.retrMany(this.#requests(candidates), { pipelining });
    this.#parts = parts[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Gives the next block; {@link SuspectReplyError} and the like leave the exchange. */
  async next(): Promise<IteratorResult<readonly Retrieval[], undefined>> {
    try {
      for (;;) {
        const { done, value: part } = await this.#parts.next();
        if (done === true) return this.#end();
        if (part.kind === "block") return { done: false, value: this.#block(part.replies) };
        const candidate = this.#candidateOf(part.messageNumber);
        if (part.kind === "suspect") throw new SuspectReplyError(candidate, "RETR");
        const received = await receive(this.#run, candidate, part.content, this.#options);
        this.#streamed.push(received);
        this.#refuseSuspect(received);
      }
    } catch (error) {
      // What goes wrong in leaving it says less than the error that led there.
      await this.return().catch(() => {});
      throw error;
    }
  }

  async return(): Promise<IteratorResult<readonly Retrieval[], undefined>> {
    for (const one of this.#streamed.splice(0)) if (one.kind === "retrieved") await one.content.discard();
    await this.#parts.return?.();
    return { done: true, value: undefined };
  }

  *#requests(candidates: Iterable<Candidate>): Generator<RetrRequest> {
    for (const candidate of candidates) {
      const { messageNumber, listedOctets } = candidate;
      if ((listedOctets ?? 0) > this.#options.maxOctets) this.#overLimit.push(candidate);
      else {
        this.#asked.set(messageNumber, candidate);
        yield { messageNumber, listedOctets };
      }
    }
  }

  #candidateOf(messageNumber: number): Candidate {
    const candidate = this.#asked.get(messageNumber);
    if (candidate === undefined) throw outOfStep();
    this.#asked.delete(messageNumber);
    return candidate;
  }

  #block(replies: readonly RetrReply[]): readonly Retrieval[] {
    const block = this.#tooLarge();
    block.push(...this.#streamed);
    for (const reply of replies) {
      const candidate = this.#candidateOf(reply.messageNumber);
      const result = wholeReply(this.#run, candidate, reply, this.#options.maxOctets);
      this.#refuseSuspect(result);
      block.push(result);
    }
    this.#streamed.length = 0;
    return block;
  }

  #end(): IteratorResult<readonly Retrieval[], undefined> {
    if (this.#streamed.length > 0 || this.#asked.size > 0) throw outOfStep();
    const block = this.#tooLarge();
    return block.length === 0 ? { done: true, value: undefined } : { done: false, value: block };
  }

  #tooLarge(): Retrieval[] {
    return this.#overLimit.splice(0).map((candidate) => tooLarge(candidate, this.#options.maxOctets));
  }

  #refuseSuspect(result: Retrieval): void {
    if (this.#options.pipelining && isShort(result)) throw new SuspectReplyError(result.candidate, "RETR");
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

/** True if fewer octets arrived than LIST gave. */
export function isShort(result: Retrieval): boolean {
  if (result.kind !== "retrieved") return false;
  const { candidate, digests } = result;
  return candidate.listedOctets !== null && digests.octets < candidate.listedOctets;
}
