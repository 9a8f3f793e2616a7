import type { StoredAddresses, StoredFirstRuns, StoredHeaders } from "@mailonce/typeorm";

export type { HeaderStatus, Neighbour, StoredHeader } from "@mailonce/typeorm";

/** The port to the addresses (`USER@HOST`) whose mail the maildrops hold. */
export type Addresses = Pick<StoredAddresses, "maildropsOf" | "note">;

/** The port to what each maildrop began with. By that a mailbox is recognised that another maildrop holds. */
export type FirstRuns = Pick<StoredFirstRuns, "claimOf" | "neighboursAt" | "neighboursKnowing" | "claim">;

/** The port to what is kept of the stored messages' headers. */
export type Headers = Pick<StoredHeaders, "status" | "read" | "write">;
