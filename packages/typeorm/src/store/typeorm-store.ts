import type {
  Guard,
  KnownBlock,
  LeaseAnswer,
  LeaseEnd,
  LeaseHolder,
  LeaseRequest,
  LedgerEntry,
  LedgerTransaction,
  Maildrop,
  MessageQuery,
  MessageStore,
  StoredMessage,
} from "@mailonce/core";
import type { DataSource } from "typeorm";
import { StoredContents } from "../contents/stored-contents.ts";
import { unreadMessages } from "../contents/unread-messages.ts";
import type { Gateway } from "../database/gateway.ts";
import { StoredExports } from "../exports/stored-exports.ts";
import { deferredEntries } from "../ledger/deferred-entries.ts";
import { knownEntries } from "../ledger/known-entries.ts";
import { acquireLease, leaseHolder, releaseLease, renewLease } from "../ledger/leases.ts";
import { entriesOf, entriesWithHeader } from "../ledger/ledger-reader.ts";
import {
  allMaildrops,
  dropUnusedMaildrop,
  findMaildrop,
  openMaildrop,
  renameMaildrop,
} from "../ledger/maildrops.ts";
import { transact } from "../ledger/transact.ts";
import { readChunks } from "../messages/message-chunks.ts";
import { messagesWithPrefix, readMessages } from "../messages/message-reader.ts";
import { StoredHeaders } from "../messages/stored-headers.ts";
import type { SchemaReport } from "../migrations/schema-report.ts";
import { Outbox } from "../outbox/outbox.ts";
import { pendingHooks } from "../outbox/outbox-rows.ts";
import type { TableNames } from "../schema/table-names.ts";
import { type SearchPage, type SearchRequest, searchMessages } from "../search/search-messages.ts";
import { type SearchStatus, searchStatus } from "../search/search-status.ts";
import { StoredAccounts } from "../service/accounts.ts";
import { StoredAddresses } from "../service/addresses.ts";
import { StoredFirstRuns } from "../service/first-runs.ts";
import { StoredLogins } from "../service/logins.ts";
import { StoredStandings } from "../service/standings.ts";
import { TokenStore } from "../service/tokens.ts";
import { StoredWorkers } from "../service/workers.ts";
import { readThread, type Thread, type ThreadOptions } from "../threads/thread.ts";

/** What a {@link TypeormStore} is made of; see {@link openStore} and {@link createStore}. */
export interface TypeormStoreParts {
  readonly dataSource: DataSource;
  readonly gateway: Gateway;
  readonly names: TableNames;
  /** How far the tables are, where it was looked at. */
  readonly schema?: SchemaReport;
  /** Ends what was opened for the store alone. */
  readonly dispose: () => Promise<void>;
}

/**
 * The ledger, the messages and all that belongs to them in one database; each part stands in a file of its own. All methods
 * throw the core's errors only; none of them holds mail, SQL or a password. Do not call a store from within the work of its
 * own `transact`.
 */
export class TypeormStore implements MessageStore, AsyncDisposable {
  /** The deliveries of stored messages to hooks: those that wait, and what became of the others. */
  readonly outbox: Outbox;
  /** The header fields that are kept of messages, to be read anew. */
  readonly headers: StoredHeaders;
  /** What there is to read in stored messages, and who reads them. */
  readonly contents: StoredContents;
  /** The accounts that are kept in the database. */
  readonly accounts: StoredAccounts;
  /** The exports of what is new, and what each has had. */
  readonly exports: StoredExports;
  /** Whose mail each maildrop holds. */
  readonly addresses: StoredAddresses;
  /** By what each maildrop's mailbox is recognized. */
  readonly firstRuns: StoredFirstRuns;
  /** The login that worked last in each maildrop. */
  readonly logins: StoredLogins;
  /** When each maildrop is due, why it is paused, and how its last runs went. */
  readonly standings: StoredStandings;
  /** The tokens that accounts log in with by OAuth 2. */
  readonly tokens: TokenStore;
  /** The workers that serve from this database. */
  readonly workers: StoredWorkers;
  readonly #dataSource: DataSource;
  readonly #gateway: Gateway;
  readonly #names: TableNames;
  readonly #schema: SchemaReport | null;
  readonly #dispose: () => Promise<void>;

  constructor({ dataSource, gateway, names, schema, dispose }: TypeormStoreParts) {
    this.#dataSource = dataSource;
    this.#gateway = gateway;
    this.#names = names;
    this.#schema = schema ?? null;
    this.#dispose = dispose;
    this.outbox = new Outbox(gateway, names);
    this.headers = new StoredHeaders(gateway, names);
    this.contents = new StoredContents(gateway, names);
    this.accounts = new StoredAccounts(gateway, names);
    this.exports = new StoredExports(gateway, names);
    this.addresses = new StoredAddresses(gateway, names);
    this.firstRuns = new StoredFirstRuns(gateway, names);
    this.logins = new StoredLogins(gateway, names);
    this.standings = new StoredStandings(gateway, names);
    this.tokens = new TokenStore(gateway, names);
    this.workers = new StoredWorkers(gateway, names);
  }

  /** The DataSource that the store lives in. Not a property: its options hold the password, and objects get logged. */
  get dataSource(): DataSource {
    return this.#dataSource;
  }

  /** How far the tables are; null in a program's own DataSource, whose migrations are the program's affair. */
  get schema(): SchemaReport | null {
    return this.#schema;
  }

  /** For people: which database, and where; without password. */
  describe(): string {
    return this.#gateway.place;
  }

  findMaildrop(name: string): Promise<Maildrop | null> {
    return findMaildrop(this.#gateway, this.#names, name);
  }

  openMaildrop(name: string): Promise<Maildrop> {
    return openMaildrop(this.#gateway, this.#names, name);
  }

  maildrops(): Promise<readonly Maildrop[]> {
    return allMaildrops(this.#gateway, this.#names);
  }

  renameMaildrop(maildropId: number, name: string, leaseToken: string): Promise<void> {
    return renameMaildrop(this.#gateway, this.#names, maildropId, { name, leaseToken });
  }

  /**
   * Searches the stored messages. The same query finds the same messages on every database; `docs/criteria.md` has the
   * language. Those stored last come first, and pages stay as they are while mail arrives: what is stored after the first
   * page stands before it. A message is found by its text, its files and their names once it was read ({@link contents}).
   *
   * @throws CriteriaSyntaxError if the query cannot be read, ArgumentError for a cursor that no search gave
   */
  search(request: SearchRequest): Promise<SearchPage> {
    return searchMessages(this.#gateway, this.#names, request, unreadMessages);
  }

  /** How many messages there are, and how many of them a search finds by their words. */
  searchStatus(): Promise<SearchStatus> {
    return searchStatus(this.#gateway, this.#names);
  }

  /**
   * The conversation that a stored message belongs to, by Message-ID, References and In-Reply-To, over all maildrops: what it
   * answers, what answers it, and so on. A message that was not read yet ({@link contents}) belongs to none but its own. What
   * messages name is believed of themselves only, and is compared octet by octet. Takes some milliseconds, however many
   * messages are stored; the largest conversation some seconds.
   *
   * @throws ArgumentError if `messageId` is no id; a message that is not stored has a conversation without messages
   */
  thread(messageId: string, options: ThreadOptions = {}): Promise<Thread> {
    return readThread(this.#gateway, this.#names, messageId, options);
  }

  /** Takes away a maildrop that never had a run. @returns whether it was there and is gone */
  dropUnusedMaildrop(name: string): Promise<boolean> {
    return dropUnusedMaildrop(this.#gateway, this.#names, name);
  }

  knownEntries(maildropId: number): AsyncIterable<KnownBlock> {
    return knownEntries(this.#gateway, this.#names, maildropId);
  }

  entries(maildropId: number, identities: readonly Uint8Array[]): Promise<readonly LedgerEntry[]> {
    return entriesOf(this.#gateway, this.#names, maildropId, identities);
  }

  entriesWithHeader(
    maildropId: number,
    headerDigests: readonly Uint8Array[],
  ): Promise<readonly LedgerEntry[]> {
    return entriesWithHeader(this.#gateway, this.#names, maildropId, headerDigests);
  }

  deferredEntries(maildropId: number): AsyncIterable<readonly LedgerEntry[]> {
    return deferredEntries(this.#gateway, this.#names, maildropId);
  }

  transact<T>(maildropId: number, guard: Guard, work: (tx: LedgerTransaction) => Promise<T>): Promise<T> {
    return transact(this.#gateway, this.#names, maildropId, guard, work);
  }

  acquireLease(maildropName: string, request: LeaseRequest): Promise<LeaseAnswer> {
    return acquireLease(this.#gateway, this.#names, maildropName, request);
  }

  renewLease(maildropId: number, token: string, ttlMs: number): Promise<boolean> {
    return renewLease(this.#gateway, this.#names, maildropId, token, ttlMs);
  }

  releaseLease(maildropId: number, token: string, end?: LeaseEnd): Promise<void> {
    return releaseLease(this.#gateway, this.#names, maildropId, token, end);
  }

  leaseHolder(maildropId: number): Promise<LeaseHolder | null> {
    return leaseHolder(this.#gateway, this.#names, maildropId);
  }

  messages(query: MessageQuery = {}): AsyncIterable<StoredMessage> {
    return readMessages(this.#gateway, this.#names, query);
  }

  findMessages(idPrefix: string): Promise<readonly StoredMessage[]> {
    return messagesWithPrefix(this.#gateway, this.#names, idPrefix);
  }

  content(messageId: string): AsyncIterable<Uint8Array> {
    return readChunks(this.#gateway, this.#names, messageId);
  }

  pendingHooks(messageId: string): Promise<readonly string[]> {
    return pendingHooks(this.#gateway, this.#names, messageId);
  }

  /** Closes a DataSource that {@link openStore} opened; leaves a program's own one open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispose();
  }
}
