import { ServerError } from "../errors.ts";
import type { Candidate } from "../listing/candidate.ts";
import { headerBlock, MAX_HEADER_OCTETS } from "../message/digest.ts";
import { endsInEmptyLine } from "../message/header-fields.ts";
import type { HeaderReply } from "../ports/maildrop-session.ts";
import type { RunState } from "../report/run-state.ts";
import { SuspectReplyError } from "./errors.ts";

/** A candidate, and its header block as TOP gave it; null if the server refuses TOP. */
export interface AskedHeader {
  readonly candidate: Candidate;
  readonly block: Uint8Array | null;
}

/** Who asks for headers: many at a time, or one after the other. */
type Asking = Pick<RunState, "session" | "pipelining">;

/**
 * Asks for the headers of the candidates by TOP, and gives them in order, in blocks that are in step.
 *
 * A header without the empty line at its end, of a message that is listed with more octets, is suspect: the message may have
 * forged the end of its own reply, and its rest the replies of its neighbours, that of the command behind them too. As in
 * `retrieve`, {@link SuspectReplyError} is thrown if commands are pipelined; if they are not, a NOOP shows whether replies
 * still fit their commands, and the error is thrown if they do not.
 */
export function headersOf(
  asking: Asking,
  candidates: readonly Candidate[],
): AsyncGenerator<readonly AskedHeader[]> {
  return asking.pipelining ? pipelined(asking, candidates) : oneAtATime(asking, candidates);
}

async function* pipelined(
  { session }: Asking,
  candidates: readonly Candidate[],
): AsyncGenerator<readonly AskedHeader[]> {
  const numbers = candidates.map(({ messageNumber }) => messageNumber);
  if (numbers.length === 0) return;
  let next = 0;
  for await (const replies of session.topMany(numbers, { pipelining: true })) {
    const block: AskedHeader[] = [];
    for (const reply of replies) {
      const asked = askedHeader(candidates[next++], reply);
      if (isSuspect(asked)) throw new SuspectReplyError(asked.candidate, "TOP");
      block.push(asked);
    }
    yield block;
  }
  if (next < candidates.length) throw outOfStep();
}

async function* oneAtATime(
  { session }: Asking,
  candidates: readonly Candidate[],
): AsyncGenerator<readonly AskedHeader[]> {
  for (const candidate of candidates) {
    const block: AskedHeader[] = [];
    // The exchange must be over before NOOP, or anything that the caller does, is sent on the session.
    for await (const replies of session.topMany([candidate.messageNumber], { pipelining: false }))
      for (const reply of replies) block.push(askedHeader(candidate, reply));
    if (block.length !== 1) throw outOfStep();
    if (block.some(isSuspect))
      await session.noop().catch((cause: unknown) => {
        throw new SuspectReplyError(candidate, "TOP", { cause });
      });
    yield block;
  }
}

function askedHeader(candidate: Candidate | undefined, reply: HeaderReply): AskedHeader {
  if (candidate?.messageNumber !== reply.messageNumber) throw outOfStep();
  return { candidate, block: reply.kind === "refused" ? null : headerBlock(reply.header) };
}

function isSuspect({ candidate: { listedOctets }, block }: AskedHeader): boolean {
  if (block === null || block.length >= MAX_HEADER_OCTETS || endsInEmptyLine(block)) return false;
  return listedOctets === null || block.length < listedOctets;
}

function outOfStep(): ServerError {
  return new ServerError("garbled-reply", "the server's replies do not fit the commands");
}
