import { randomBytes } from "node:crypto";
import { GuardFailedError, type StoredMessage } from "@mailonce/core";
import { FailureError } from "../failure/failure-error.ts";
import type { ProcessFacts } from "../system/process-identity.ts";
import { describeOwner, ownRequest } from "../system/process-owner.ts";
import type { ExportProgress, Exports } from "./ports.ts";

const DEFAULT_TTL_MS = 60_000;

/** The part of a store that an export needs. */
interface ExportStore {
  readonly exports: Exports;
}

/** How to take an export. */
interface HoldExportOptions {
  /** Others may take it after this many milliseconds by the database's clock unless it is renewed; 60,000 if absent. */
  readonly ttlMs?: number;
  /** By what it is decided whether a holder is dead; this process and its system if absent. */
  readonly facts?: ProcessFacts;
}

/**
 * The right to be the only one who writes and notes what is new for an export. It is renewed until it is disposed of, which
 * gives it back.
 */
export class HeldExport implements AsyncDisposable {
  readonly #exports: Exports;
  readonly #held: { readonly id: number; readonly token: string };
  readonly #ttlMs: number;
  readonly #timer: NodeJS.Timeout;
  #progress: ExportProgress;
  /** By this process's clock, which goes on while the machine sleeps. The lease lasts from then, or from later. */
  #renewed: number;
  #underWay: Promise<boolean> | null = null;
  #isLost = false;

  /**
   * Takes the export of this name, which is made if there is none. An owner that is known to be dead loses it at once.
   * @throws FailureError (`export-in-use`, of the kind `busy`) if another process has it; the store's errors
   */
  static async take(store: ExportStore, name: string, options: HoldExportOptions = {}): Promise<HeldExport> {
    const { ttlMs = DEFAULT_TTL_MS, facts } = options;
    const token = randomBytes(16).toString("hex");
    const asked = Date.now();
    const answer = await store.exports.take(name, { token, ...ownRequest(ttlMs, facts) });
    if ("id" in answer) return new HeldExport(store.exports, { ...answer, ttlMs, asked });
    const seconds = Math.ceil(answer.expiresInMs / 1000);
    throw new FailureError(
      "export-in-use",
      `${describeOwner(answer.owner)} is writing the export ${name}: try again later (at most ${seconds} seconds if it is dead)`,
      "busy",
    );
  }

  private constructor(
    exports: Exports,
    {
      id,
      token,
      ttlMs,
      asked,
      ...progress
    }: ExportProgress & {
      readonly id: number;
      readonly token: string;
      readonly ttlMs: number;
      readonly asked: number;
    },
  ) {
    this.#exports = exports;
    this.#held = { id, token };
    this.#ttlMs = ttlMs;
    this.#renewed = asked;
    this.#progress = progress;
    // What fails here is found by who writes next.
    this.#timer = setInterval(() => void this.#renew().catch(() => undefined), ttlMs / 3);
    this.#timer.unref();
  }

  /** How far it has come. */
  get progress(): ExportProgress {
    return this.#progress;
  }

  /**
   * To be called before each write: a process that was held up for longer than the lease lasts must not write where another
   * one does by now. @throws FailureError (`export-lost`, of the kind `busy`); the store's errors
   */
  async confirm(): Promise<void> {
    if (this.#isLost) throw lost();
    const age = Date.now() - this.#renewed;
    // Below zero: the clock was set back, and says nothing of how long this process was held up.
    if (age >= 0 && age < this.#ttlMs / 2) return;
    if (!(await this.#renew())) throw lost();
  }

  /** Notes messages, and how far it is with them. @throws FailureError as {@link HeldExport.confirm} */
  async note(messageIds: readonly string[], progress: Partial<ExportProgress>): Promise<void> {
    try {
      await this.#exports.note(this.#held, messageIds, progress);
    } catch (error) {
      if (!(error instanceof GuardFailedError)) throw error;
      this.#isLost = true;
      throw lost();
    }
    this.#progress = { ...this.#progress, ...progress };
  }

  /** What it has not had; see the store's method of this name. */
  newMessages(maildrop?: string): AsyncIterable<StoredMessage> {
    return this.#exports.newMessages(this.#held, maildrop);
  }

  /** Those of some messages, by their ids, that it has had. */
  hadAmong(messageIds: readonly string[]): Promise<ReadonlySet<string>> {
    return this.#exports.hadAmong(this.#held, messageIds);
  }

  /** Forgets it with all that it has noted. @throws FailureError as {@link HeldExport.confirm} */
  async forget(): Promise<void> {
    try {
      await this.#exports.forget(this.#held);
    } catch (error) {
      throw error instanceof GuardFailedError ? lost() : error;
    }
  }

  /** Does not throw: a lease that cannot be given back expires. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#underWay?.catch(() => undefined);
    if (!this.#isLost) await this.#exports.release(this.#held).catch(() => undefined);
  }

  #renew(): Promise<boolean> {
    this.#underWay ??= this.#renewOnce().finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  async #renewOnce(): Promise<boolean> {
    const asked = Date.now();
    const isHeld = await this.#exports.renew(this.#held, this.#ttlMs);
    if (isHeld) this.#renewed = asked;
    else this.#isLost = true;
    return isHeld;
  }
}

function lost(): FailureError {
  const message = "this process was held up for so long that another has taken over the export: try again";
  return new FailureError("export-lost", message, "busy");
}
