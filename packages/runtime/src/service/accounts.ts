import type { StoredAccounts } from "@mailonce/typeorm";

export type { StoredAccount } from "@mailonce/typeorm";

/** The port to the accounts that are kept in the database, beside those of an accounts file. */
export type Accounts = Pick<StoredAccounts, "list" | "version" | "add" | "remove">;
