import type { MessageStore } from "@mailonce/core";
import type { SchemaReport } from "@mailonce/typeorm";
import type { Addresses } from "../ledger/addresses.ts";
import type { FirstRuns } from "../ledger/first-runs.ts";
import type { Headers } from "../ledger/headers.ts";
import type { UnusedMaildrops } from "../ledger/rename-maildrop.ts";
import type { Logins } from "../login/logins.ts";
import type { Tokens } from "../oauth2/tokens.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Accounts } from "../service/accounts.ts";
import type { Standings } from "../service/standings.ts";
import type { Workers } from "../service/workers.ts";

export type { StoreInspection } from "@mailonce/typeorm";

/** All that one database holds: the core's ports, and those of this package. Dispose of it when done. */
export interface Store extends MessageStore, UnusedMaildrops, AsyncDisposable {
  readonly accounts: Accounts;
  readonly addresses: Addresses;
  readonly firstRuns: FirstRuns;
  readonly headers: Headers;
  readonly logins: Logins;
  readonly outbox: Outbox;
  readonly standings: Standings;
  readonly tokens: Tokens;
  readonly workers: Workers;
  /** How far its tables are. */
  readonly schema: SchemaReport | null;
  /** For people: which database, and where; without password. */
  describe(): string;
}
