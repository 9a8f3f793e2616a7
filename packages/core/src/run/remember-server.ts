import type { ServerError } from "../errors.ts";
import { defer } from "../record/defer.ts";
import type { RunState } from "../report/run-state.ts";
import { SuspectReplyError } from "../retrieve/errors.ts";

/**
 * Notes for the next run what an error says about the server. If commands were pipelined, it is asked one command at a time
 * from then on. If they were not, and a reply was suspect: a message is deferred that RETR cut off; by TOP nothing is decided
 * any more.
 */
export async function rememberServer(run: RunState, error: ServerError, pipelining: boolean): Promise<void> {
  if (pipelining) await run.transact(async (tx) => tx.change({ sequential: true }));
  else if (error instanceof SuspectReplyError) {
    const { candidate, command, code, message } = error;
    await run.transact(async (tx) => {
      if (command === "TOP") tx.change({ topProven: false });
      else await defer(run, tx, [{ candidate, reason: { code, message } }]);
    });
    if (command === "RETR") run.entries.move(candidate.index, "deferred");
  }
}

/** True if the error tells that replies have not fitted their commands, so that it is about the server whenever it comes. */
export function isOutOfStep({ code }: ServerError): boolean {
  return code === "garbled-reply" || code === "suspect-reply";
}
