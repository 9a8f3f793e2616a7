import type { StoredWorkers } from "@mailonce/typeorm";

/** The port to the workers that say that they live and serve from this database. */
export type Workers = Pick<StoredWorkers, "announce" | "leave">;
