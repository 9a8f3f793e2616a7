import type { Explanation, QueryCriteria } from "../criteria/compile.ts";
import type { ListedMessage } from "../listing/candidate.ts";
import { Listing } from "../listing/listing.ts";
import { receiveListings } from "../listing/receive.ts";
import { headerBlock } from "../message/digest.ts";
import { type HeaderFields, readHeader } from "../message/header.ts";
import type { MaildropSession } from "../ports/maildrop-session.ts";

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
  const numbers: number[] = [];
  for (let index = first; index < listing.length; index++) numbers.push(listing.messageNumber(index));
  let index = first;
  for await (const replies of session.topMany(numbers, { pipelining: session.pipelining }))
    for (const reply of replies) {
      const octets = listing.octets(index);
      const listed = { messageNumber: reply.messageNumber, uniqueId: listing.uniqueId(index), octets };
      index++;
      if (reply.kind === "refused") yield { ...listed, header: null, explanation: null };
      else {
        const block = headerBlock(reply.header);
        yield {
          ...listed,
          header: readHeader(block),
          explanation: criteria.explain({ block, octets }, time),
        };
      }
    }
  await session.quit();
}
