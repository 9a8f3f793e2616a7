import type { StoredAddresses } from "@mailonce/typeorm";

/** The port to the addresses (`USER@HOST`) whose mail the maildrops hold. */
export type Addresses = Pick<StoredAddresses, "maildropsOf" | "note">;
