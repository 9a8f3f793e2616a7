import type { StoredStandings } from "@mailonce/typeorm";

export type { StandingSummary, StoredPause, StoredStanding } from "@mailonce/typeorm";

/** The port to how the runs of the accounts have gone, by their maildrops' names. */
export type Standings = Pick<StoredStandings, "find" | "all" | "summaries" | "paused" | "put">;
