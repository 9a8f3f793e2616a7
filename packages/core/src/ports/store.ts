import type { Deferred } from "./deferred.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { Maildrops } from "./maildrop.ts";
import type { Messages } from "./messages.ts";

/** All ports of one database together, for those who need all of them: a whole program, or the conformance suites. */
export interface MessageStore extends Ledger, Maildrops, Leases, Messages, Deferred {}
