import type { MessageStore } from "@mailonce/core";
import type {
  SchemaReport,
  SearchPage,
  SearchRequest,
  SearchStatus,
  Thread,
  ThreadOptions,
} from "@mailonce/typeorm";
import type { Contents } from "../content/ports.ts";
import type { Addresses, Exports, FirstRuns, Headers } from "../ledger/ports.ts";
import type { UnusedMaildrops } from "../ledger/rename-maildrop.ts";
import type { Logins } from "../login/logins.ts";
import type { Tokens } from "../oauth2/tokens.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Accounts, Standings, Workers } from "../service/ports.ts";

export type { StoreInspection } from "@mailonce/typeorm";

/** All that one database holds: the core's ports, and those of this package. Dispose of it when done. */
export interface Store extends MessageStore, UnusedMaildrops, AsyncDisposable {
  readonly accounts: Accounts;
  readonly addresses: Addresses;
  readonly contents: Contents;
  readonly exports: Exports;
  readonly firstRuns: FirstRuns;
  readonly headers: Headers;
  readonly logins: Logins;
  readonly outbox: Outbox;
  readonly standings: Standings;
  readonly tokens: Tokens;
  readonly workers: Workers;
  /** How far its tables are. */
  readonly schema: SchemaReport | null;
  /** Some of the messages that a query finds, those stored last first. @throws CriteriaSyntaxError */
  search(request: SearchRequest): Promise<SearchPage>;
  /** How many messages there are, and how many of them are found by their words. */
  searchStatus(): Promise<SearchStatus>;
  /** The conversation that a stored message belongs to, as far as its messages were read. */
  thread(messageId: string, options?: ThreadOptions): Promise<Thread>;
  /** For people: which database, and where; without password. */
  describe(): string;
}
