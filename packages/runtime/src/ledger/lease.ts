import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import {
  GuardFailedError,
  type HeldLease,
  type LeaseAnswer,
  type LeaseEnd,
  type LeaseHolder,
  type LeaseRequest,
  type Leases,
  type Ledger,
  type Maildrop,
} from "@mailonce/core";
import { failureOf } from "../failure/failure.ts";
import { FailureError } from "../failure/failure-error.ts";
import type { ProcessFacts } from "../system/process-identity.ts";
import { describeOwner, ownRequest } from "../system/process-owner.ts";

const DEFAULT_TTL_MS = 60_000;
/** Giving back is tried so many times before the lease expires, if the database does not answer. */
const GIVE_BACK_TRIES = 60;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;

/** The part of a store that leases need. */
export type LeaseStore = Pick<Ledger, "findMaildrop" | "openMaildrop" | "transact"> &
  Pick<Leases, "acquireLease" | "renewLease" | "releaseLease">;

/** How to take a maildrop's lease. */
export interface HoldLeaseOptions {
  /** It ends after this many milliseconds by the database's clock unless it is renewed; 60,000 if absent. */
  readonly ttlMs?: number;
  /** How many milliseconds to wait while another process holds it; null: without end. It does not wait if absent. */
  readonly wait?: number | null | undefined;
  /** Ends the waiting. The lease itself ends when it is disposed of. */
  readonly signal?: AbortSignal | undefined;
  /** Called once when it begins to wait, with the holder in words for people. */
  readonly onWaiting?: ((holder: string) => void) | undefined;
  /** By what it is decided whether a holder is dead; this process and its system if absent. */
  readonly facts?: ProcessFacts;
}

/** The right to be the only run on a maildrop. Disposing of it gives it back, and writes what the last run has left. */
export interface Lease extends HeldLease, AsyncDisposable {
  /** Aborted with a {@link FailureError} (`lease-lost`) when the lease is known to be somebody else's. */
  readonly signal: AbortSignal;
  /** Asks the database whether it is still held; `signal` is aborted if it is not. */
  confirm(): Promise<void>;
  /** To be called between two runs: commits what the run before has left, and reads the maildrop again. @throws the store's errors */
  renew(): Promise<void>;
}

/**
 * Takes the maildrop's lease, creating the maildrop if it is new, and renews it until it is disposed of. An owner that
 * is known to be dead loses it at once.
 * @throws FailureError (`in-use-here`, of the kind `busy`) if another holds it for longer than `wait`; the store's errors;
 * the signal's abortion
 */
export async function holdLease(
  store: LeaseStore,
  maildropName: string,
  options: HoldLeaseOptions = {},
): Promise<Lease> {
  const { ttlMs = DEFAULT_TTL_MS, wait = 0, signal, onWaiting, facts } = options;
  const token = randomBytes(16).toString("hex");
  const request = { token, ...ownRequest(ttlMs, facts) };
  const deadline = wait === null ? Number.POSITIVE_INFINITY : performance.now() + wait;
  let pauseMs = FIRST_PAUSE_MS;
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    const asked = performance.now();
    const answer = await acquire(store, maildropName, request);
    if (answer.kind === "taken") return new OwnLease(store, answer, { token, ttlMs, asked });
    const { holder } = answer;
    const left = deadline - performance.now();
    if (left <= 0) throw inUse(holder, wait ?? 0);
    if (attempt === 0) onWaiting?.(describeOwner(holder.owner));
    const pause = Math.max(1, Math.min(pauseMs, left, holder.expiresInMs));
    await delay(pause, undefined, signal === undefined ? {} : { signal });
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}

/** Asks for the lease. If the database's answer is lost, the lease may be held all the same, so it is given back. */
async function acquire(store: LeaseStore, maildropName: string, request: LeaseRequest): Promise<LeaseAnswer> {
  const asked = performance.now();
  try {
    return await store.acquireLease(maildropName, request);
  } catch (error) {
    const { token, ttlMs } = request;
    const release = async (): Promise<void> => {
      const maildrop = await store.findMaildrop(maildropName);
      if (maildrop !== null) await store.releaseLease(maildrop.id, token);
    };
    void giveBack(release, () => performance.now() - asked >= ttlMs, ttlMs);
    throw error;
  }
}

/**
 * Does not throw. A lease that cannot be given back keeps everybody out, this process included, until it expires. So it is
 * tried again in the background.
 */
async function giveBack(
  release: () => Promise<void>,
  isExpired: () => boolean,
  ttlMs: number,
): Promise<void> {
  try {
    await release();
  } catch {
    if (isExpired()) return;
    setTimeout(() => void giveBack(release, isExpired, ttlMs), ttlMs / GIVE_BACK_TRIES).unref();
  }
}

class OwnLease implements Lease {
  readonly token: string;
  maildrop: Maildrop;
  isNew: boolean;
  readonly #store: LeaseStore;
  readonly #ttlMs: number;
  readonly #lost = new AbortController();
  /** When the last renewal that succeeded was asked for: from then on the lease runs, or from later. */
  #renewed: number;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | null = null;
  #over = false;
  #end: LeaseEnd | undefined;

  constructor(
    store: LeaseStore,
    { maildrop, isNew }: Pick<HeldLease, "maildrop" | "isNew">,
    { token, ttlMs, asked }: { readonly token: string; readonly ttlMs: number; readonly asked: number },
  ) {
    this.#store = store;
    this.maildrop = maildrop;
    this.isNew = isNew;
    this.token = token;
    this.#ttlMs = ttlMs;
    this.#renewed = asked;
    this.#schedule(ttlMs / 3);
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  leave(end: LeaseEnd): void {
    this.#end = end;
  }

  async renew(): Promise<void> {
    const end = this.#end;
    const { id, name } = this.maildrop;
    if (end !== undefined) {
      const guard = { generation: end.generation, leaseToken: this.token };
      try {
        await this.#store.transact(id, guard, (tx) => tx.updateMaildrop(end.change));
      } catch (error) {
        // What was left holds no longer, as somebody has changed the ledger since.
        if (!(error instanceof GuardFailedError)) throw error;
      }
      this.#end = undefined;
    }
    this.isNew = false;
    this.maildrop = await this.#store.openMaildrop(name);
  }

  async confirm(): Promise<void> {
    await this.#underWay;
    await this.#renew();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    clearTimeout(this.#timer);
    await this.#underWay;
    if (this.#lost.signal.aborted) return;
    await giveBack(
      () => this.#store.releaseLease(this.maildrop.id, this.token, this.#end),
      () => performance.now() - this.#renewed >= this.#ttlMs,
      this.#ttlMs,
    );
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#over || this.#lost.signal.aborted) return;
    this.#timer = setTimeout(() => void this.#renew(), ms);
    // A lease keeps no process alive.
    this.#timer.unref();
  }

  #renew(): Promise<void> {
    this.#underWay ??= this.#renewOnce().finally(() => {
      this.#underWay = null;
    });
    return this.#underWay;
  }

  /** Does not throw. */
  async #renewOnce(): Promise<void> {
    const asked = performance.now();
    try {
      if (await this.#store.renewLease(this.maildrop.id, this.token, this.#ttlMs)) {
        this.#renewed = asked;
        this.#schedule(this.#ttlMs / 3);
      } else this.#lost.abort(takenOver());
    } catch (error) {
      // The database may be back in time. What is committed meanwhile confirms the lease anyway.
      if (performance.now() - this.#renewed >= this.#ttlMs) this.#lost.abort(notRenewed(error));
      else this.#schedule(this.#ttlMs / 12);
    }
  }
}

function inUse({ owner, expiresInMs }: LeaseHolder, waited: number): FailureError {
  const who = describeOwner(owner);
  const seconds = Math.ceil(expiresInMs / 1000);
  const message =
    waited > 0
      ? `${who} is still working on this maildrop after ${Math.round(waited / 1000)} seconds: try again later`
      : `${who} is working on this maildrop: wait for it with --wait, or try again later (at most ${seconds} seconds if it is dead)`;
  return new FailureError("in-use-here", message, "busy");
}

function takenOver(): FailureError {
  const message = "this process was held up for so long that another has taken over the maildrop: try again";
  return new FailureError("lease-lost", message, "busy");
}

function notRenewed(error: unknown): FailureError {
  const { message } = failureOf(error);
  return new FailureError(
    "lease-lost",
    `the maildrop could not be kept for this run: ${message}`,
    "unavailable",
    { cause: error },
  );
}
