import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { MailonceError } from "@mailonce/core";

/** The ends of a transaction, on the connection that all share. */
export interface Control {
  /** Waits for other processes. */
  begin(): Promise<void>;
  commit(): Promise<void>;
  /** Does not throw. */
  rollback(): void;
  /** `undo` takes back what follows, until `keep`. All three throw if SQLite has rolled back by itself (disk full, say). */
  mark(): void;
  keep(): void;
  undo(): void;
}

/** Someone's work, in the asynchronous context of who asked for it. */
interface Job {
  readonly run: () => Promise<void>;
  readonly fail: (error: unknown) => void;
}

/** A writer's work, and what becomes of it when all is committed. */
interface Writer extends Job {
  readonly control: Control;
  readonly committed: () => void;
}

/** A group takes up no more writers after this many milliseconds: the first of them waits for its commit. */
const LONGEST_GROUP_MS = 20;

/**
 * One connection shared by many: one of them at a time. Writers that wait at the same time share a transaction, because
 * what a commit costs is the flush to the disk: none of them is told that its work is committed before it is, one that
 * fails is undone alone, and what breaks the transaction breaks it for all of them.
 *
 * A transaction begins and ends within one turn of the event loop, as long as the writers wait for nothing but their own
 * statements, which take no time of the loop. So nobody else in this thread ever meets it: neither a statement on the
 * same connection, which would become a part of it, nor one on another connection to the file, which would wait for the
 * lock and, as it waits inside SQLite, keep this thread from ever giving it back.
 */
export class Turns {
  readonly #holder = new AsyncLocalStorage<{ active: boolean }>();
  #readers: Job[] = [];
  readonly #writers: Writer[] = [];
  #busy = false;

  /**
   * Runs `work` outside of transactions.
   *
   * @throws MailonceError (`store-misused`) if called by work that has its turn: it would wait for itself.
   */
  read<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => resolve(await work());
      this.#readers.push({ run: this.#inContext(run), fail: reject });
      void this.#advance();
    });
  }

  /** Runs `work` in a transaction; resolves when it is committed. @throws what `work` throws, as `read` does */
  write<T>(control: Control, work: () => Promise<T>): Promise<T> {
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
    const asked = new AsyncResource("MailonceTurn");
    return async () => {
      const holding = { active: true };
      try {
        await asked.runInAsyncScope(() => this.#holder.run(holding, run));
      } finally {
        holding.active = false;
      }
    };
  }

  /** Does not throw. */
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

  /** Does not throw. */
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

  /** False: it failed, and nothing of it is left. @throws if nothing is left of the others either */
  async #writeOne(
    { run, fail }: Writer,
    control: Control,
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

  /** Who writes next in the same transaction. */
  #nextOf(began: number): Writer | undefined {
    return performance.now() - began > LONGEST_GROUP_MS ? undefined : this.#writers.shift();
  }
}
