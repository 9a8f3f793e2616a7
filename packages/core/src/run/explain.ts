import type { Explanation, QueryCriteria } from "../criteria/compile.ts";
import { type Candidate, candidateOf, type ListedMessage, listedMessage } from "../listing/candidate.ts";
import { Listing } from "../listing/listing.ts";
import { receiveListings } from "../listing/receive.ts";
import { type HeaderFields, readHeader } from "../message/header.ts";
import type { MaildropSession } from "../ports/maildrop-session.ts";
import { headersOf } from "../retrieve/headers.ts";

/** A listed message, and why criteria accept or reject it. */
export interface Explained extends ListedMessage {
  /** Null if the server refuses TOP. */
  readonly header: HeaderFields | null;
  /** Null if the server refuses TOP: a fetch would have to download the message to decide. */
  readonly explanation: Explanation | null;
}

/**
 * Tells for every listed message, or the last `limit` ones, whether the criteria accept it, and why. Asks for headers by
 * `TOP n 0`, looks at no ledger, retrieves nothing and ends the session with QUIT. Throws what the session throws.
 */
export async function* explainMaildrop(options: {
  readonly session: MaildropSession;
  readonly criteria: QueryCriteria;
  readonly limit?: number;
  /** The clock; the system's if absent. */
  readonly now?: () => Date;
}): AsyncGenerator<Explained> {
  const { session, criteria, limit = Number.POSITIVE_INFINITY, now = () => new Date() } = options;
  // No ledger is looked at, so each message counts as first seen now.
  const present = now();
  const time = { now: present, firstSeen: present };
  const listing = new Listing(await receiveListings(session.listings()));
  const first = Math.max(0, listing.length - limit);
  const candidates: Candidate[] = [];
  for (let index = first; index < listing.length; index++)
    candidates.push(candidateOf(listing, index, "unknown"));
  for await (const headers of headersOf({ session, pipelining: session.pipelining }, candidates))
    for (const { candidate, block } of headers) {
      const listed = listedMessage(candidate);
      if (block === null) yield { ...listed, header: null, explanation: null };
      else {
        const message = { block, octets: candidate.listedOctets };
        yield { ...listed, header: readHeader(block), explanation: criteria.explain(message, time) };
      }
    }
  await session.quit();
}
