import type { StoredHeaders } from "@mailonce/typeorm";

export type { HeaderStatus, StoredHeader } from "@mailonce/typeorm";

/** The port to what is kept of the stored messages' headers. */
export type Headers = Pick<StoredHeaders, "status" | "read" | "write">;
