import type { StoredAddresses, StoredExports, StoredFirstRuns, StoredHeaders } from "@mailonce/typeorm";

export type { ExportPlace, ExportProgress, HeaderStatus, Neighbour, StoredHeader } from "@mailonce/typeorm";

/** The port to the addresses (`USER@HOST`) whose mail the maildrops hold. */
export type Addresses = Pick<StoredAddresses, "maildropsOf" | "note">;

/** The port to the exports of what is new. */
export type Exports = Pick<
  StoredExports,
  "take" | "renew" | "note" | "release" | "newMessages" | "hadAmong" | "all" | "forget"
>;

/** The port to what each maildrop began with. By that a mailbox is recognised that another maildrop holds. */
export type FirstRuns = Pick<StoredFirstRuns, "claimOf" | "neighboursAt" | "neighboursKnowing" | "claim">;

/** The port to what is kept of the stored messages' headers. */
export type Headers = Pick<StoredHeaders, "status" | "read" | "write">;
