import type { Candidate } from "../listing/candidate.ts";
import { blockEvidence, type HeaderEvidence, headerBlock } from "../message/digest.ts";
import { readHeader } from "../message/header.ts";
import type { RunState } from "../report/run-state.ts";

/** Decides about a candidate whose header block TOP gave. */
export type Decide = (candidate: Candidate, block: Uint8Array, evidence: HeaderEvidence) => void;

/** True if TOP has proved itself, so that its headers may decide something (rule 11). */
export function topUsable(run: RunState): boolean {
  return run.facts.topProven === true;
}

/**
 * Asks for the candidates' headers by TOP and calls `decide` for each. Gives the candidates about which nothing was
 * decided: those for which the server refuses TOP, or all of them if TOP has not proved itself.
 */
export async function askHeaders(
  run: RunState,
  candidates: readonly Candidate[],
  decide: Decide,
): Promise<Candidate[]> {
  if (!topUsable(run)) return [...candidates];
  const open: Candidate[] = [];
  const look = (candidate: Candidate, block: Uint8Array): void => {
    candidate.evidence = blockEvidence(block);
    if (run.keepsHeaders) candidate.header = readHeader(block);
    decide(candidate, block, candidate.evidence);
  };
  const asked: Candidate[] = [];
  for (const candidate of candidates)
    if (candidate.messageNumber !== run.provenHeader?.messageNumber) asked.push(candidate);
    else look(candidate, run.provenHeader.block);
  if (asked.length === 0) return open;
  const numbers = asked.map(({ messageNumber }) => messageNumber);
  const { session, pipelining } = run;
  let next = 0;
  for await (const replies of session.topMany(numbers, { pipelining }))
    for (const reply of replies) {
      const candidate = asked[next++];
      if (candidate === undefined) break;
      if (reply.kind === "refused") open.push(candidate);
      else look(candidate, headerBlock(reply.header));
    }
  return open;
}
