import type { StoredFirstRuns } from "@mailonce/typeorm";

export type { Neighbour } from "@mailonce/typeorm";

/** The port to what maildrops began with, by which a mailbox is known again that another maildrop has. */
export type FirstRuns = Pick<StoredFirstRuns, "claimOf" | "neighboursAt" | "neighboursKnowing" | "claim">;
