import type { StoredAccounts, StoredStandings, StoredWorkers } from "@mailonce/typeorm";

export type { StandingSummary, StoredAccount, StoredPause, StoredStanding } from "@mailonce/typeorm";

/** The port to the accounts that are kept in the database, beside those of an accounts file. */
export type Accounts = Pick<StoredAccounts, "list" | "version" | "add" | "remove">;

/** The port to how the runs of the accounts have gone, by their maildrops' names. */
export type Standings = Pick<StoredStandings, "find" | "all" | "summaries" | "paused" | "put">;

/** The port to the workers that say that they live and serve from this database. */
export type Workers = Pick<StoredWorkers, "announce" | "leave">;
