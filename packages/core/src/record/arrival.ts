import type { Candidate } from "../listing/candidate.ts";
import type { MessageDigests } from "../message/digest.ts";
import type { NewMessage } from "../ports/ledger.ts";

/** A retrieved message that is to be settled. */
export interface Arrival {
  readonly candidate: Candidate;
  readonly digests: MessageDigests;
  /** The row that is inserted if the content is not stored yet; settling adds `copy`. */
  readonly message: Omit<NewMessage, "copy">;
  readonly accepted: boolean;
}
