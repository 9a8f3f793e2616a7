import type { Candidate } from "../listing/candidate.ts";
import type { MaildropSession } from "../ports/maildrop-session.ts";
import type { RunState } from "../report/run-state.ts";
import { SuspectReplyError } from "./errors.ts";
import { Exchange, isShort } from "./exchange.ts";
import type { Retrieval, Retrieved, RetrieveOptions } from "./retrieval.ts";

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
): AsyncIterable<readonly Retrieval[]> {
  return options.pipelining ? new Exchange(run, candidates, options) : oneAtATime(run, candidates, options);
}

async function* oneAtATime(
  run: RunState,
  candidates: Iterable<Candidate>,
  options: RetrieveOptions,
): AsyncGenerator<readonly Retrieval[]> {
  for (const candidate of candidates) {
    const block: Retrieval[] = [];
    // The exchange must be over before NOOP, or anything that the caller does, is sent on the session.
    for await (const some of new Exchange(run, [candidate], options)) block.push(...some);
    for (const result of block)
      if (result.kind === "retrieved" && isShort(result)) await confirmSession(result, run.session);
    yield block;
  }
}

/** Throws {@link SuspectReplyError} unless the session is still in step after this message, which shows by a NOOP. */
async function confirmSession(short: Retrieved, session: MaildropSession): Promise<void> {
  try {
    await session.noop();
  } catch (error) {
    await short.content.discard();
    throw new SuspectReplyError(short.candidate, "RETR", { cause: error });
  }
}
