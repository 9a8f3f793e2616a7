import type { Inspection } from "../detect/inspect.ts";
import { type Candidate, candidateOf } from "../listing/candidate.ts";
import { headerBlock, headerEvidence } from "../message/digest.ts";
import { equalOctets } from "../message/octets.ts";
import { blocksOf } from "../ports/blocks.ts";
import type { MaildropSession } from "../ports/maildrop-session.ts";
import { noteAttempt, takeBackAttempt, wasAttempted } from "../record/attempt.ts";
import type { RunState } from "../report/run-state.ts";
import type { Retrieved, RetrieveOptions } from "../retrieve/retrieval.ts";
import { retrieve } from "../retrieve/retrieve.ts";
import { acceptsByOctets } from "../select/selection.ts";

/** Number of rows that are changed in one transaction. */
const BLOCK = 500;
/** How many messages are tried. A refused one proves nothing; after this many the proof is left to the next run. */
const TRIES = 3;

/**
 * Has TOP prove itself before anything else is retrieved (rule 11): retrieves one message, asks for its header by TOP,
 * and compares the digests of both headers. Some servers answer TOP with one header for all messages, or cut it off.
 * Gives the retrieved message, so that it need not be retrieved again; null if TOP was tried before, or no message could be had for it.
 *
 * @param careful whether the attempt is noted before it is made (rule 21)
 */
export async function proveTop(
  run: RunState,
  options: RetrieveOptions,
  careful: boolean,
): Promise<Retrieved | null> {
  if (run.facts.topProven !== null) return null;
  const { entries } = run;
  const indexes = [
    ...likeliest(run, entries.in("unknown")),
    ...entries.in("changed"),
    ...likeliest(run, entries.in("classed")),
    ...(run.facts.retrievalHides ? entries.in("known") : []),
  ];
  for (const index of indexes.slice(0, TRIES)) {
    const isClassed = entries.state(index) === "classed";
    const candidate = candidateOf(entries.listing, index, isClassed ? "classed" : "unknown");
    // Unlike other entries, classed ones are in the list even if they failed before, and may have ended an earlier run.
    if (isClassed && (await wasAttempted(run, candidate))) continue;
    if (careful) await noteAttempt(run, candidate);
    const retrieved = await retrieveOne(run, candidate, options);
    if (retrieved === null || isClassed) await takeBackAttempt(run);
    if (retrieved === null) continue;
    try {
      await proveTopBy(run, candidate, retrieved.digests.headerDigest);
      return retrieved;
    } catch (error) {
      await retrieved.content.discard();
      throw error;
    }
  }
  return null;
}

/** Has TOP prove itself by a message that was retrieved in this session, and notes the result. */
export async function proveTopBy(
  run: RunState,
  { messageNumber, uniqueId }: Candidate,
  headerDigest: Uint8Array,
): Promise<void> {
  const { session } = run;
  const header = await topHeader(session, messageNumber);
  // Perhaps somebody else has deleted the message meanwhile: that says nothing about TOP.
  const isGone = header === null && (uniqueId === null || (await session.uidlOne(messageNumber)) === null);
  if (isGone) return;
  const topProven = header !== null && equalOctets(headerEvidence(header).headerDigest, headerDigest);
  if (!topProven) await forgetHeadersByTop(run);
  else if (header !== null) run.provenHeader = { messageNumber, block: header };
  await run.note({ topProven });
  if (!topProven)
    run.report.warn(
      "top-unreliable",
      "the server's TOP does not give the header that RETR gives: it is not used",
    );
}

/** True if TOP could decide something in this run, so that it has to prove itself first (rule 11). */
export function isTopWanted({ criteria, facts }: RunState, { entries, absentOctets }: Inspection): boolean {
  // On servers where retrieval hides messages, marked mail is retrieved (rule 19), and told by what TOP said of it.
  if (criteria !== null || facts.retrievalHides) return true;
  if (entries.hasAny("changed", "classed")) return true;
  const mayBeRenumbered = (octets: number | null): boolean => octets === null || absentOctets.has(octets);
  return entries.in("unknown").some((index) => mayBeRenumbered(entries.listing.octets(index)));
}

/** The entries to try first. With criteria the smallest ones, because the criteria may reject the message afterwards. */
function likeliest(run: RunState, indexes: readonly number[]): readonly number[] {
  if (run.criteria === null) return indexes.slice(0, TRIES);
  const { listing } = run.entries;
  const octetsOf = (index: number): number => listing.octets(index) ?? Number.MAX_SAFE_INTEGER;
  const smallest: number[] = [];
  for (const index of indexes) {
    const last = smallest[TRIES - 1];
    if (last !== undefined && octetsOf(index) >= octetsOf(last)) continue;
    if (acceptsByOctets(run, listing.octets(index)) === false) continue;
    smallest.push(index);
    smallest.sort((a, b) => octetsOf(a) - octetsOf(b)).splice(TRIES);
  }
  return smallest;
}

async function retrieveOne(
  run: RunState,
  candidate: Candidate,
  options: RetrieveOptions,
): Promise<Retrieved | null> {
  for await (const [result] of retrieve(run, [candidate], { ...options, pipelining: false }))
    if (result?.kind === "retrieved") return result;
    else run.hasUnrecordedProof ||= result?.arrivedAnyway === true;
  return null;
}

async function topHeader(session: MaildropSession, messageNumber: number): Promise<Uint8Array | null> {
  // A copy, because the session may use the memory again.
  for await (const [reply] of session.topMany([messageNumber], { pipelining: false }))
    return reply?.kind === "header" ? new Uint8Array(headerBlock(reply.header)) : null;
  return null;
}

/** Removes the headers of all baseline rows: they came from TOP alone, and TOP has failed to prove itself. */
async function forgetHeadersByTop(run: RunState): Promise<void> {
  for await (const block of run.store.knownEntries(run.maildrop.id)) {
    const keys = [...block].flatMap(({ disposition, identity }) =>
      disposition === "baseline" ? [identity] : [],
    );
    for (const some of blocksOf(keys, BLOCK))
      await run.transact(async ({ ledger }) => {
        const rows = await ledger.entries(some);
        await ledger.updateEntries(
          rows.map((row) => ({ ...row, headerDigest: null, coreOctets: null, strong: false, bound: false })),
        );
      });
  }
}
