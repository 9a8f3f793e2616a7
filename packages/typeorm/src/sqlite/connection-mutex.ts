import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { MailonceError } from "@mailonce/core";

/** Begins and ends a transaction on the connection that all share. */
export interface TransactionControl {
  /** Waits until other processes have finished theirs. */
  begin(): Promise<void>;
  commit(): Promise<void>;
  /** Does not throw. */
  rollback(): void;
  /** Sets a savepoint. This and the next two throw if SQLite has rolled back by itself (disk full, say). */
  mark(): void;
  /** Keeps what was written since the savepoint, as a part of the transaction. */
  keep(): void;
  /** Takes back what was written since the savepoint. */
  undo(): void;
}

/** Work that waits for the connection; it runs in the asynchronous context of its caller. */
interface Job {
  readonly run: () => Promise<void>;
  readonly fail: (error: unknown) => void;
}

/** Work in a transaction. `committed` tells its caller that the transaction it was a part of is committed. */
interface Writer extends Job {
  readonly control: TransactionControl;
  readonly committed: () => void;
}

/** A transaction takes no further writer after this many milliseconds: the first of them waits for its commit. */
const LONGEST_GROUP_MS = 20;

/**
 * A mutex on a connection that many share. Writers that wait at the same time share one transaction (a group commit),
 * because what a commit costs is the flush to the disk. None of them is told that its work is committed before it is; the
 * work of one that fails is undone alone; what breaks the transaction fails for all of them.
 *
 * A transaction begins and ends within one turn of the event loop, as long as the writers wait for nothing but their own
 * statements, which take no time of the loop. So nobody else in this thread ever meets it: neither a statement on the
 * same connection, which would become a part of it, nor one on another connection to the file, which would wait for the
 * lock and, as it waits inside SQLite, keep this thread from ever giving it back.
 */
export class ConnectionMutex {
  readonly #holder = new AsyncLocalStorage<{ active: boolean }>();
  #readers: Job[] = [];
  readonly #writers: Writer[] = [];
  #busy = false;

  /**
   * Runs `work` outside of transactions.
   *
   * @throws MailonceError (`store-misused`) if called by work that holds the mutex: it would wait for itself.
   */
  read<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => resolve(await work());
      this.#readers.push({ run: this.#inContext(run), fail: reject });
      void this.#advance();
    });
  }

  /** Runs `work` in a transaction; resolves when it is committed. @throws what `work` throws, as `read` does */
  write<T>(control: TransactionControl, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let result: { readonly value: T } | null = null;
      const run = async (): Promise<void> => {
        result = { value: await work() };
      };
      const committed = (): void => {
        if (result !== null) resolve(result.value);
      };
      this.#writers.push({ run: this.#inContext(run), fail: reject, committed, control });
      void this.#advance();
    });
  }

  #inContext(run: () => Promise<void>): () => Promise<void> {
    if (this.#holder.getStore()?.active)
      throw new MailonceError(
        "store-misused",
        "The store was called from within one of its own transactions.",
      );
    const asked = new AsyncResource("MailonceConnectionMutex");
    return async () => {
      const holding = { active: true };
      try {
        await asked.runInAsyncScope(() => this.#holder.run(holding, run));
      } finally {
        holding.active = false;
      }
    };
  }

  /** Runs all that waits, unless that is under way already. Does not throw. */
  async #advance(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#readers.length + this.#writers.length > 0) {
      const readers = this.#readers;
      this.#readers = [];
      for (const { run, fail } of readers) await run().catch(fail);
      const first = this.#writers.shift();
      if (first !== undefined) await this.#writeGroup(first);
    }
    this.#busy = false;
    // On Node 20 every promise of the process pays for a storage in use, those of the network, too.
    this.#holder.disable();
  }

  /** Runs this writer, and those that wait when it has finished, in one transaction. Does not throw. */
  async #writeGroup(first: Writer): Promise<void> {
    const { control } = first;
    const done: Writer[] = [];
    // Nobody is told anything before the transaction is over: who is told goes on, and might use the connection.
    const tell: (() => void)[] = [];
    let writer: Writer | undefined = first;
    try {
      // Whatever others have begun in this turn of the event loop comes to its end, or to where it waits, first.
      // Meanwhile those arrive who will write in the same transaction.
      await turn();
      await control.begin();
      for (const began = performance.now(); writer !== undefined; writer = this.#nextOf(began)) {
        if (await this.#writeOne(writer, control, done.length > 0, tell)) done.push(writer);
        else if (done.length === 0) break;
      }
      if (done.length > 0) await control.commit();
      for (const { committed } of done) tell.push(committed);
    } catch (error) {
      control.rollback();
      for (const { fail } of writer === undefined ? done : [writer, ...done]) tell.push(() => fail(error));
    }
    for (const one of tell) one();
  }

  /**
   * Runs one writer within the open transaction.
   *
   * @param hasOthers whether the transaction holds the work of other writers already
   * @param tell gets what tells the writer's caller that it failed
   * @returns whether its work is a part of the transaction now; if not, it has failed and was undone
   * @throws what makes the transaction unusable for the other writers as well
   */
  async #writeOne(
    { run, fail }: Writer,
    control: TransactionControl,
    hasOthers: boolean,
    tell: (() => void)[],
  ): Promise<boolean> {
    if (hasOthers) control.mark();
    try {
      await run();
    } catch (error) {
      tell.push(() => fail(error));
      if (hasOthers) control.undo();
      else control.rollback();
      return false;
    }
    if (hasOthers) control.keep();
    return true;
  }

  /** The next writer of the same transaction, if there is one and the transaction is young enough. */
  #nextOf(began: number): Writer | undefined {
    return performance.now() - began > LONGEST_GROUP_MS ? undefined : this.#writers.shift();
  }
}
