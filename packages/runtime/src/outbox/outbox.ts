import type { Outbox as StoredOutbox } from "@mailonce/typeorm";

export type { OutboxDepth, OutboxEntry, OutboxResult } from "@mailonce/typeorm";

/** The port to the deliveries that are to be made, were made or were given up. */
export type Outbox = Pick<
  StoredOutbox,
  "entries" | "find" | "claim" | "settle" | "release" | "retry" | "drop" | "prune" | "depth" | "failing"
>;
