import type { Deferred } from "./deferred.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { Maildrops } from "./maildrop.ts";
import type { Messages } from "./messages.ts";

/** Everything that one database holds, where somebody needs all of it: a program, or the conformance suites. */
export interface MessageStore extends Ledger, Maildrops, Leases, Messages, Deferred {}
