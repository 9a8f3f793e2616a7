import type { StoredLogins } from "@mailonce/typeorm";

export type { StoredLogin } from "@mailonce/typeorm";

/** The port to the digests of the logins that worked last, one for each maildrop. */
export type Logins = Pick<StoredLogins, "find" | "worked" | "refused" | "forgive">;
