import {
  DuplicateKeyError,
  type Guard,
  type KnownBlock,
  type LeaseHolder,
  type LeaseRequest,
  type LedgerEntry,
  type LedgerTransaction,
  type Maildrop,
  MailonceError,
  type MessageQuery,
  type MessageStore,
  type StoredMessage,
} from "@mailonce/core";
import type { DataSource } from "typeorm";
import {
  expectFunction,
  expectMaildropId,
  expectObject,
  expectOctetsList,
  expectText,
  expectTextOrNull,
  isName,
  NAME_OCTETS,
} from "../arguments/expect-arguments.ts";
import type { Gateway } from "../database/gateway.ts";
import { ReadOnlyStatements } from "../database/read-only-statements.ts";
import { deferredEntries } from "../ledger/deferred-entries.ts";
import { knownEntries } from "../ledger/known-entries.ts";
import { acquireLease, leaseHolder, releaseLease, renameMaildrop, renewLease } from "../ledger/leases.ts";
import { entriesWhere } from "../ledger/ledger-reader.ts";
import { lockMaildrop, SqlLedgerTransaction } from "../ledger/ledger-transaction.ts";
import { maildropSelection, maildropValues, NEW_MAILDROP, readMaildrop } from "../ledger/maildrop-rows.ts";
import { dropUnusedMaildrop } from "../ledger/unused-maildrop.ts";
import { readChunks } from "../messages/message-chunks.ts";
import { messagesWithPrefix, readMessages } from "../messages/message-reader.ts";
import { StoredHeaders } from "../messages/stored-headers.ts";
import { type SyncContents, withSyncContents } from "../messages/sync-contents.ts";
import type { SchemaReport } from "../migrations/schema-report.ts";
import { Outbox } from "../outbox/outbox.ts";
import { pendingHooks } from "../outbox/outbox-rows.ts";
import type { TableNames } from "../schema/table-names.ts";
import { StoredAccounts } from "../service/accounts.ts";
import { StoredAddresses } from "../service/addresses.ts";
import { StoredFirstRuns } from "../service/first-runs.ts";
import { StoredLogins } from "../service/logins.ts";
import { StoredStandings } from "../service/standings.ts";
import { TokenStore } from "../service/tokens.ts";
import { StoredWorkers } from "../service/workers.ts";

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
 * The ledger and the messages in MySQL, MariaDB or SQLite. All methods throw the core's errors only; none of them
 * holds mail, SQL or a password. Do not call a store from within the work of its own `transact`.
 */
export class TypeormStore implements MessageStore, AsyncDisposable {
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
  }

  /** The DataSource that the store lives in. Not a property: its options hold the password, and objects get logged. */
  get dataSource(): DataSource {
    return this.#dataSource;
  }

  /** How far the tables are; null in a user's own DataSource, whose migrations are the user's affair. */
  get schema(): SchemaReport | null {
    return this.#schema;
  }

  /** The tokens that accounts log in with, in the same database. */
  get tokens(): TokenStore {
    return new TokenStore(this.#gateway, this.#names);
  }

  /** For people: which database, and where; without password. */
  describe(): string {
    return this.#gateway.place;
  }

  async findMaildrop(name: string): Promise<Maildrop | null> {
    expectText("name", name);
    const [row] = await this.#gateway.read((statements) =>
      statements.rows(
        `SELECT ${maildropSelection(statements.dialect)} FROM ${this.#names.maildrop} WHERE name = ?`,
        [statements.dialect.exactText(name)],
      ),
    );
    return row === undefined ? null : readMaildrop(row);
  }

  async openMaildrop(name: string): Promise<Maildrop> {
    checkName(name);
    const known = await this.findMaildrop(name);
    if (known) return known;
    try {
      await this.#gateway.transaction(async (statements) => {
        const values = maildropValues(NEW_MAILDROP);
        const columns = ["name", ...values.map(([column]) => column)];
        await statements.run(
          `INSERT INTO ${this.#names.maildrop} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
          [statements.dialect.exactText(name), ...values.map(([, value]) => value)],
        );
      });
    } catch (error) {
      // Another caller was quicker: its row is the one.
      if (!(error instanceof DuplicateKeyError)) throw error;
    }
    const opened = await this.findMaildrop(name);
    if (opened) return opened;
    throw new MailonceError("store-failed", `${this.describe()} does not give back what was written to it.`);
  }

  knownEntries(maildropId: number): AsyncIterable<KnownBlock> {
    return knownEntries(this.#gateway, this.#names, maildropId);
  }

  async entries(maildropId: number, identities: readonly Uint8Array[]): Promise<readonly LedgerEntry[]> {
    expectMaildropId(maildropId);
    expectOctetsList("identities", identities);
    return this.#gateway.read((statements) =>
      entriesWhere(statements, this.#names, maildropId, "identity", identities),
    );
  }

  async maildrops(): Promise<readonly Maildrop[]> {
    const rows = await this.#gateway.read((statements) =>
      statements.rows(
        `SELECT ${maildropSelection(statements.dialect)} FROM ${this.#names.maildrop} ORDER BY name`,
        [],
      ),
    );
    return rows.map(readMaildrop);
  }

  deferredEntries(maildropId: number): AsyncIterable<readonly LedgerEntry[]> {
    return deferredEntries(this.#gateway, this.#names, maildropId);
  }

  acquireLease(maildropId: number, request: LeaseRequest): Promise<LeaseHolder | null> {
    return acquireLease(this.#gateway, this.#names, maildropId, request);
  }

  renewLease(maildropId: number, token: string, ttlMs: number): Promise<boolean> {
    return renewLease(this.#gateway, this.#names, maildropId, token, ttlMs);
  }

  releaseLease(maildropId: number, token: string): Promise<void> {
    return releaseLease(this.#gateway, this.#names, maildropId, token);
  }

  async renameMaildrop(maildropId: number, name: string, leaseToken: string): Promise<void> {
    expectMaildropId(maildropId);
    expectText("leaseToken", leaseToken);
    checkName(name);
    await renameMaildrop(this.#gateway, this.#names, maildropId, { name, leaseToken });
  }

  /** Takes away a maildrop that never had a run. @returns whether it was there and is gone */
  dropUnusedMaildrop(name: string): Promise<boolean> {
    return dropUnusedMaildrop(this.#gateway, this.#names, name);
  }

  /** Who holds the maildrop's lease now, null if nobody does; changes nothing. For who only looks. */
  leaseHolder(maildropId: number): Promise<LeaseHolder | null> {
    return leaseHolder(this.#gateway, this.#names, maildropId);
  }

  async transact<T>(
    maildropId: number,
    guard: Guard,
    work: (tx: LedgerTransaction) => Promise<T>,
  ): Promise<T> {
    expectMaildropId(maildropId);
    expectObject("guard", guard);
    expectTextOrNull("guard.leaseToken", guard.leaseToken);
    expectFunction("work", work);
    let isLocked = false;
    const attempt = (contents: SyncContents | null): Promise<T> =>
      this.#gateway.transaction(async (statements) => {
        await lockMaildrop(statements, this.#names, maildropId, guard);
        isLocked = true;
        const result = await work(new SqlLedgerTransaction(statements, this.#names, maildropId, contents));
        contents?.throwIfMissing();
        return result;
      });
    try {
      return await (this.#gateway.dialect.transactionsMayWait ? attempt(null) : withSyncContents(attempt));
    } catch (error) {
      if (isLocked || !this.#leavesReading(error)) throw error;
      // Work that only reads needs no lock. Work that writes meets the same error at its first write.
      return this.#gateway.read(async (readable) => {
        const statements = new ReadOnlyStatements(readable, error);
        await lockMaildrop(statements, this.#names, maildropId, guard);
        return work(new SqlLedgerTransaction(statements, this.#names, maildropId, null));
      });
    }
  }

  /** Whether a transaction failed to begin, and reading may be possible all the same. */
  #leavesReading(error: unknown): boolean {
    return (
      (error instanceof MailonceError && error.code === "store-newer") ||
      this.#gateway.dialect.leavesReading(error)
    );
  }

  messages(query: MessageQuery = {}): AsyncIterable<StoredMessage> {
    return readMessages(this.#gateway, this.#names, query);
  }

  findMessages(idPrefix: string): Promise<readonly StoredMessage[]> {
    return messagesWithPrefix(this.#gateway, this.#names, idPrefix);
  }

  pendingHooks(messageId: string): Promise<readonly string[]> {
    return pendingHooks(this.#gateway, this.#names, messageId);
  }

  /** What is to be told of stored messages to whom. */
  get outbox(): Outbox {
    return new Outbox(this.#gateway, this.#names);
  }

  /** The accounts that are kept in the database. */
  get accounts(): StoredAccounts {
    return new StoredAccounts(this.#gateway, this.#names);
  }

  /** Whose mail the maildrops hold. */
  get addresses(): StoredAddresses {
    return new StoredAddresses(this.#gateway, this.#names);
  }

  /** By what the maildrops' mailboxes are known again. */
  get firstRuns(): StoredFirstRuns {
    return new StoredFirstRuns(this.#gateway, this.#names);
  }

  /** The logins that worked. */
  get logins(): StoredLogins {
    return new StoredLogins(this.#gateway, this.#names);
  }

  /** What is kept of messages' headers, to be made anew. */
  get headers(): StoredHeaders {
    return new StoredHeaders(this.#gateway, this.#names);
  }

  /** How the maildrops stand with their servers. */
  get standings(): StoredStandings {
    return new StoredStandings(this.#gateway, this.#names);
  }

  /** The workers that serve from this database. */
  get workers(): StoredWorkers {
    return new StoredWorkers(this.#gateway, this.#names);
  }

  content(messageId: string): AsyncIterable<Uint8Array> {
    return readChunks(this.#gateway, this.#names, messageId);
  }

  /** Closes a DataSource that {@link openStore} opened; leaves a user's own one open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispose();
  }
}

function checkName(name: string): void {
  if (typeof name === "string" && isName(name)) return;
  throw new MailonceError(
    "maildrop-name",
    `A maildrop's name is a text of at most ${NAME_OCTETS} octets in UTF-8, without NUL.`,
  );
}
