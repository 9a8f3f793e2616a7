import type { Criteria } from "../criteria/criteria.ts";
import { DuplicateKeyError, MailonceError, TransactionConflictError } from "../errors.ts";
import type { Candidate } from "../listing/candidate.ts";
import type { Entries } from "../listing/entries.ts";
import type { HeldLease } from "../ports/leases.ts";
import type { Guard, Ledger, LedgerTransaction } from "../ports/ledger.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import type { Maildrop, MaildropFacts } from "../ports/maildrop.ts";
import type { MaildropSession } from "../ports/maildrop-session.ts";
import { entriesOf, unbounded } from "../ports/unbounded.ts";
import { Attempts } from "./attempts.ts";
import type { Report } from "./report.ts";

/** How often a transaction is run, because of duplicate keys or conflicts, before the error is passed on. */
const MAX_TRANSACTION_TRIES = 6;

/** An attempt that was noted in the ledger before it was made (rule 21). */
export interface NotedAttempt {
  readonly candidate: Candidate;
  readonly identity: Uint8Array;
  /** The row as it was before the note, null if there was none. */
  readonly before: LedgerEntry | null;
  arrived: boolean;
}

/** What the stages of one run share: the session, the present facts of the maildrop, the table of entries, the report. */
export class RunState {
  readonly session: MaildropSession;
  readonly store: Ledger;
  readonly maildrop: Maildrop;
  readonly criteria: Criteria | null;
  readonly hooks: readonly string[];
  /** The lease under which the run is made; null: there is none. */
  readonly lease: HeldLease | null;
  readonly now: () => Date;
  readonly report: Report;
  /** True if candidates keep the header fields that TOP gave, to be shown. */
  readonly keepsHeaders: boolean;
  /** The header by which TOP proved itself in this run, so that it need not be asked for again. */
  provenHeader: { readonly messageNumber: number; readonly block: Uint8Array } | null = null;
  /** The first message that this run retrieved: TOP can prove itself by it at the end, if it has not before. */
  firstRetrieved: { readonly candidate: Candidate; readonly headerDigest: Uint8Array } | null = null;
  /** True once a message that was to prove TOP arrived and was thrown away: QUIT could hide it (rule 18). */
  hasUnrecordedProof = false;
  /** The failed attempts of this fetch, also those of its earlier runs. */
  readonly attempts: Attempts;
  /** The noted attempt that is under way, null if there is none. */
  noted: NotedAttempt | null = null;
  #facts: MaildropFacts;
  /** The changes of the facts that are to be written when the lease is given back. */
  #left: Partial<MaildropFacts> = {};

  constructor(options: {
    readonly session: MaildropSession;
    readonly store: Ledger;
    readonly maildrop: Maildrop;
    readonly criteria: Criteria | null;
    readonly lease: HeldLease | null;
    readonly hooks?: readonly string[];
    readonly now: () => Date;
    readonly report: Report;
    readonly keepsHeaders?: boolean;
    readonly attempts?: Attempts;
  }) {
    this.session = options.session;
    this.store = options.store;
    this.maildrop = options.maildrop;
    this.criteria = options.criteria;
    this.hooks = options.hooks ?? [];
    this.lease = options.lease;
    this.now = options.now;
    this.report = options.report;
    this.keepsHeaders = options.keepsHeaders ?? false;
    this.attempts = options.attempts ?? new Attempts();
    this.#facts = options.maildrop;
  }

  /** The maildrop's facts as this run last read or wrote them. */
  get facts(): MaildropFacts {
    return this.#facts;
  }

  get criteriaDigest(): Uint8Array | null {
    return this.criteria?.digest ?? null;
  }

  /** True if several commands may be under way: the server announces it, and its replies have fitted its commands. */
  get pipelining(): boolean {
    return this.session.pipelining && !this.#facts.sequential;
  }

  /** The table of the listed entries. Throws before the maildrop is listed. */
  get entries(): Entries {
    if (this.report.entries === null) throw new MailonceError("not-listed", "nothing is listed yet");
    return this.report.entries;
  }

  /**
   * Changes facts of which no other process needs to know before the run is over. Under a lease they are written when it is
   * given back; without one they are committed now.
   */
  async note(change: Partial<MaildropFacts>): Promise<void> {
    if (this.lease === null) return this.transact(async (tx) => tx.change(change));
    this.#facts = { ...this.#facts, ...change };
    this.#leave({ ...this.#left, ...change });
  }

  /** Reads the whole rows of any number of identities outside of a transaction; gives them in any order. */
  rows(identities: readonly Uint8Array[]): Promise<readonly LedgerEntry[]> {
    return entriesOf(this.store, this.maildrop.id, identities);
  }

  /**
   * Runs `work` in a transaction under this run's guard, commits it and gives its result. After a duplicate key or a
   * conflict it is run again, up to 6 times in all, with `attempt` counting from 0. So `work` must read anew each time,
   * and must not change anything outside the transaction. Passes on any other error, and the last one.
   */
  async transact<T>(work: (tx: RunTransaction, attempt: number) => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const guard: Guard = { generation: this.#facts.generation, leaseToken: this.lease?.token ?? null };
      let { facts, written }: Flushed = { facts: this.#facts, written: {} };
      try {
        const result = await this.store.transact(this.maildrop.id, guard, async (ledger) => {
          const tx = new RunTransaction(unbounded(ledger), this.#facts);
          const value = await work(tx, attempt);
          ({ facts, written } = await tx.flush());
          return value;
        });
        if (this.#facts.uniqueIdsTrusted && !facts.uniqueIdsTrusted)
          this.report.warn(
            "unique-ids-shared",
            "the server gave one unique-id to unlike messages: from now on headers and contents tell them apart",
          );
        this.#facts = facts;
        const left = Object.entries(this.#left).filter(([name]) => !(name in written));
        if (Object.keys(this.#left).length > 0) this.#leave(Object.fromEntries(left));
        return result;
      } catch (error) {
        const again = error instanceof DuplicateKeyError || error instanceof TransactionConflictError;
        if (!again || attempt + 1 >= MAX_TRANSACTION_TRIES) throw error;
      }
    }
  }

  #leave(change: Partial<MaildropFacts>): void {
    this.#left = change;
    this.lease?.leave({ generation: this.#facts.generation, change });
  }
}

/** What a transaction has written of the maildrop's facts, and the facts as they then are. */
interface Flushed {
  readonly facts: MaildropFacts;
  readonly written: Partial<MaildropFacts>;
}

/** A ledger transaction with calls of any length. It collects changes of the maildrop's facts and writes them last. */
export class RunTransaction {
  readonly ledger: LedgerTransaction;
  readonly #before: MaildropFacts;
  #change: Partial<MaildropFacts> = {};

  constructor(ledger: LedgerTransaction, before: MaildropFacts) {
    this.ledger = ledger;
    this.#before = before;
  }

  /** The facts as they will be when the transaction commits. */
  get facts(): MaildropFacts {
    return { ...this.#before, ...this.#change };
  }

  change(change: Partial<MaildropFacts>): void {
    this.#change = { ...this.#change, ...change };
  }

  /** Drops the mark and makes stale what other runs have read: their next commit fails, and they start again. */
  raiseGeneration(): void {
    this.change({ generation: this.#before.generation + 1, mark: null });
  }

  /** Writes the collected changes, and gives the facts as they then are. */
  async flush(): Promise<Flushed> {
    if (Object.keys(this.#change).length > 0) await this.ledger.updateMaildrop(this.#change);
    return { facts: this.facts, written: this.#change };
  }
}
