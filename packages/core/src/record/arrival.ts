import type { Candidate } from "../listing/candidate.ts";
import type { MessageDigests } from "../message/digest.ts";
import type { NewMessage } from "../ports/ledger.ts";

/** A retrieved message on its way into the ledger. */
export interface Arrival {
  readonly candidate: Candidate;
  readonly digests: MessageDigests;
  /** The row it becomes if its content is not stored yet; digest and copy are found when settling. */
  readonly message: Omit<NewMessage, "copy">;
  /** False if the criteria reject what was retrieved. */
  readonly accepted: boolean;
}
