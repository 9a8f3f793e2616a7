import { defined } from "../account/defined.ts";
import type { Failure } from "../failure/failure.ts";
import { FailureError } from "../failure/failure-error.ts";
import { FirstRun } from "../ledger/first-run.ts";
import { formerMaildrop } from "../ledger/rename-maildrop.ts";
import { accountFailure } from "../run/account-failure.ts";
import type { ExamineOptions } from "./examine-options.ts";
import type { DatabaseFacts } from "./facts.ts";
import { databaseFailure, type ExaminedStore, ledgerFacts } from "./ledger-facts.ts";

/** The part of an examination that is about the database. Its methods do not throw: what fails is part of the facts. */
export class DatabaseExamination {
  readonly #options: ExamineOptions;
  #facts: DatabaseFacts;
  #store: ExaminedStore | null = null;
  #isOpened = false;
  /** Why a fetch would refuse to fetch the mailbox, if it would. */
  #same: Failure | null = null;

  constructor(options: ExamineOptions) {
    this.#options = options;
    this.#facts = { kind: "absent", place: options.database.place };
  }

  /** Opens the database. Gives no store if there is none yet, or if it is broken. */
  async open(): Promise<{ readonly store: ExaminedStore | null; readonly isBroken: boolean }> {
    const { place, open, inspect } = this.#options.database;
    this.#isOpened = true;
    try {
      const inspection = (await inspect?.()) ?? null;
      this.#store = await open();
      this.#facts =
        this.#store === null
          ? { kind: "absent", place, inspection }
          : { kind: "there", place, inspection, ledger: null, former: null };
    } catch (error) {
      this.#facts = databaseFailure(place, error);
    }
    return { store: this.#store, isBroken: this.#facts.kind === "failed" };
  }

  /** Asks as a fetch would whether another maildrop holds the same mail. What would end a fetch is part of the facts. */
  async ask<T>(question: (firstRun: FirstRun) => Promise<T>): Promise<T | null> {
    const { account, apart = false } = this.#options;
    if (this.#store === null) return null;
    try {
      return await question(new FirstRun(this.#store, account, apart));
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      this.#same = accountFailure(error, account);
      return null;
    }
  }

  /** Opens the database if that has not been done, and reads the ledger. @param uidl the listing, if there was one */
  async finish(uidl: Uint8Array | null): Promise<DatabaseFacts> {
    if (!this.#isOpened) await this.open();
    if (this.#store === null) return this.#facts;
    const { name, account, maildrops = [], database } = this.#options;
    const { place } = database;
    try {
      const ledger = await ledgerFacts(this.#store, account.maildrop, uidl);
      const former = await formerMaildrop(this.#store, { name, account }, maildrops);
      if (former === null && this.#same === null) await this.ask((firstRun) => firstRun.before());
      const same = former === null ? (this.#same ?? undefined) : undefined;
      const { inspection = null } = this.#facts.kind === "there" ? this.#facts : {};
      return { kind: "there", place, inspection, ledger, former, ...defined({ same }) };
    } catch (error) {
      return databaseFailure(place, error);
    }
  }
}
