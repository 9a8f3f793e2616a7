import type { StoredFirstRuns } from "@mailonce/typeorm";

export type { Neighbour } from "@mailonce/typeorm";

/** The port to what each maildrop began with. By that a mailbox is recognised that another maildrop holds. */
export type FirstRuns = Pick<StoredFirstRuns, "claimOf" | "neighboursAt" | "neighboursKnowing" | "claim">;
