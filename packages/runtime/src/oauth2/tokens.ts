import type { TokenStore } from "@mailonce/typeorm";

/** The port to the grants of OAuth 2, which are encrypted before they come here. */
export type Tokens = Pick<
  TokenStore,
  "find" | "accounts" | "put" | "remove" | "claim" | "release" | "settle"
>;
