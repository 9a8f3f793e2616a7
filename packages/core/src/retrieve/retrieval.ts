import type { Candidate } from "../listing/candidate.ts";
import type { MessageDigests } from "../message/digest.ts";
import type { Content } from "../ports/spool.ts";
import type { Reason } from "../report/outcome.ts";
import type { ReceiveOptions } from "./receiver.ts";

/** Larger messages are deferred unless the caller gives another limit: 100 MiB. */
export const DEFAULT_MAX_OCTETS = 100 * 1024 * 1024;
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

/** What became of the request for one message. */
export type Retrieval = Retrieved | NotRetrieved;
