import type { Candidate } from "../listing/candidate.ts";
import { blockEvidence, type HeaderEvidence } from "../message/digest.ts";
import { readHeader } from "../message/header.ts";
import type { RunState } from "../report/run-state.ts";
import { headersOf } from "../retrieve/headers.ts";

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
  for await (const headers of headersOf(run, asked))
    for (const { candidate, block } of headers)
      if (block === null) open.push(candidate);
      else look(candidate, block);
  return open;
}
