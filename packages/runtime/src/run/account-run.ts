import {
  type Counts,
  GuardFailedError,
  type HeldLease,
  type MaildropSession,
  NO_COUNTS,
  NO_PROGRESS,
  type Outcome,
  type Reason,
  type Run,
  type RunProgress,
} from "@mailonce/core";
import type { Account } from "../account/account-url.ts";
import type { Failure } from "../failure/failure.ts";
import type { Ending } from "../failure/failure-kind.ts";
import type { Lease } from "../ledger/lease.ts";
import { accountFailure } from "./account-failure.ts";
import { isWorthAnotherRun, type RestartPolicy } from "./restart.ts";
import { RunTotals } from "./run-totals.ts";

/** How one invocation on one account ended, or how far it is. */
export interface AccountReport {
  readonly maildrop: string;
  /** With `left` and `baselined` each message that was listed is counted once, however it ended. */
  readonly counts: Readonly<Counts>;
  /** Things that a person should know, each once. */
  readonly warnings: readonly Reason[];
  /** `partial`: some messages were deferred or failed. */
  readonly ending: Ending;
  /** Messages that are new and were left because of the limit. */
  readonly left: number;
  /** Messages that were marked as known without storing them; only of a baseline. */
  readonly baselined?: number;
  /** Why it did not see the maildrop through to the end; null if it did. */
  readonly error: Reason | null;
}

/** The report of an account that was not run, without its maildrop. */
export function notRun({ code, message, kind }: Failure): Omit<AccountReport, "maildrop"> {
  return { counts: NO_COUNTS, warnings: [], left: 0, ending: kind, error: { code, message } };
}

/** How far one invocation on one account is, over all of its runs. */
export interface AccountProgress extends Omit<RunProgress, "phase"> {
  readonly phase: RunProgress["phase"] | "waiting" | "connecting" | "pausing";
}

export interface AccountRunParts {
  readonly account: Account;
  /** Takes the maildrop's lease before anything else; null if the runs change nothing. */
  readonly hold: (() => Promise<Lease>) | null;
  /** A new session, logged in. */
  readonly open: (signal: AbortSignal | undefined) => Promise<MaildropSession>;
  /** A run over it. */
  readonly start: (session: MaildropSession, turn: Turn) => Run;
  /** Awaited before the lease is given back. Does not throw. */
  readonly settled?: () => Promise<void>;
  readonly restart: RestartPolicy;
  readonly signal: AbortSignal | undefined;
  /** Asked before a second session. True: the server wants a longer pause between logins, so there is to be none. */
  readonly oneLogin?: (() => boolean) | undefined;
  /** True: the report has `baselined`. */
  readonly baselines?: boolean;
}

/**
 * How many runs in a row may break without any outcome. The second retrieves one message at a time and notes which one
 * broke it, so that the third leaves that one out (the core's rule 21).
 */
const MAX_FRUITLESS = 3;

/** Which run of an invocation it is. */
export interface Turn {
  /** Messages that earlier runs of this invocation have stored. */
  readonly stored: number;
  /** True: the run is for deferred messages that are due. New messages had their run before. */
  readonly retries: boolean;
  /** Every commit confirms it; null where none was taken. */
  readonly lease: HeldLease | null;
  /** Ends the run: the caller's wish, or the lease was lost. */
  readonly signal: AbortSignal | undefined;
}

/**
 * One invocation on one account: a run over a session and, where the session broke and another may do better, a
 * bounded number of further runs. Iterate it once for the outcomes, one by one or in blocks; the iteration does not
 * throw. When it has ended, `report` says how. Leaving it early ends the session and keeps what is committed.
 */
export class AccountRun implements AsyncIterable<Outcome> {
  readonly maildrop: string;
  readonly #parts: AccountRunParts;
  readonly #totals = new RunTotals();
  #run: Run | null = null;
  #phase: "waiting" | "connecting" | "pausing" | null = "connecting";
  #lease: Lease | null = null;
  #hadSession: boolean = false;
  #restarts = 0;
  /** Runs in a row that broke without any outcome. */
  #fruitless = 0;
  #failure: Failure | null = null;

  constructor(parts: AccountRunParts) {
    this.#parts = parts;
    this.maildrop = parts.account.maildrop;
  }

  /** How far it is; read it as often as you like. */
  get progress(): AccountProgress {
    const progress = this.#totals.progress(this.#run?.progress ?? NO_PROGRESS);
    return this.#phase === null ? progress : { ...progress, phase: this.#phase };
  }

  /** How it ended, or how it stands while outcomes are still to come. */
  get report(): AccountReport {
    const counts = this.#totals.counts;
    const failure = this.#failure;
    const partial = counts.deferred + counts.failed > 0 ? "partial" : "done";
    return {
      maildrop: this.maildrop,
      counts,
      warnings: this.#totals.warnings,
      left: this.#totals.left,
      ...(this.#parts.baselines ? { baselined: this.#totals.baselined } : {}),
      ending: failure?.kind ?? partial,
      error: failure === null ? null : { code: failure.code, message: failure.message },
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Outcome, void, void> {
    for await (const block of this.blocks()) for (const outcome of block) yield outcome;
  }

  /** The outcomes of one commit come together ({@link Run.blocks}). */
  async *blocks(): AsyncGenerator<readonly Outcome[], void, void> {
    try {
      this.#phase = "waiting";
      this.#lease = (await this.#parts.hold?.()) ?? null;
    } catch (error) {
      this.#failure = this.#failureOf(error);
      return;
    }
    try {
      yield* this.#runs();
    } finally {
      await this.#parts.settled?.();
      await this.#lease?.[Symbol.asyncDispose]();
    }
  }

  async *#runs(): AsyncGenerator<readonly Outcome[], void, void> {
    for (let retries = false; ; ) {
      let hadOutcome = false;
      try {
        for await (const block of this.#oneRun(retries)) {
          hadOutcome = true;
          yield block;
        }
        // The core's rule 15: what failed before must not starve what is new.
        if (retries || this.#totals.retries === 0 || this.#parts.oneLogin?.()) return;
        retries = true;
      } catch (error) {
        if (!(await this.#recover(error, hadOutcome, retries))) return;
      }
    }
  }

  /** Decides what follows a run that broke: gives true, after a pause, if there is to be another, else notes the failure. */
  async #recover(error: unknown, hadOutcome: boolean, retries: boolean): Promise<boolean> {
    const { restart } = this.#parts;
    // It may be the lease that a commit found to be somebody else's: then no other run can do better.
    if (error instanceof GuardFailedError) await this.#lease?.confirm();
    const failure = this.#failureOf(error);
    this.#fruitless = hadOutcome ? 0 : this.#fruitless + 1;
    const mayLogIn = !(this.#hadSession && this.#parts.oneLogin?.());
    const again = this.#restarts < restart.restarts && this.#fruitless < MAX_FRUITLESS && mayLogIn;
    if (this.#signal?.aborted || !again || !isWorthAnotherRun(error, this.#hadSession)) {
      // A server that wants no second login so soon: all that is new is stored, the deferred ones stay deferred.
      if (retries && failure.kind === "busy")
        this.#totals.warn({ code: failure.code, message: failure.message });
      else this.#failure = failure;
      return false;
    }
    this.#totals.warn({ code: "started-again", message: `started again: ${failure.message}` });
    this.#phase = "pausing";
    try {
      this.#restarts++;
      await restart.pause(this.#restarts, this.#signal);
      return true;
    } catch (interruption) {
      this.#failure = this.#failureOf(interruption);
      return false;
    }
  }

  async *#oneRun(retries: boolean): AsyncGenerator<readonly Outcome[], void, void> {
    this.#phase = "connecting";
    const signal = this.#signal;
    // What the run before has left is to hold for this one.
    if (this.#hadSession) await this.#lease?.renew();
    const session = await this.#parts.open(signal);
    try {
      this.#hadSession = true;
      const run = this.#parts.start(session, {
        stored: this.#totals.stored,
        retries,
        lease: this.#lease,
        signal,
      });
      this.#run = run;
      this.#phase = null;
      try {
        yield* run.blocks();
      } finally {
        this.#run = null;
        this.#totals.add(run.summary, run.progress);
      }
    } finally {
      session.close();
    }
  }

  /** What ends a run from outside: the caller's wish, or the loss of the lease. */
  get #signal(): AbortSignal | undefined {
    const signals = [this.#parts.signal, this.#lease?.signal].filter((signal) => signal !== undefined);
    return signals.length > 1 ? AbortSignal.any(signals) : signals[0];
  }

  #failureOf(error: unknown): Failure {
    const { signal, account } = this.#parts;
    if (!signal?.aborted) {
      const lost = this.#lease?.signal;
      return accountFailure(lost?.aborted ? lost.reason : error, account);
    }
    // An abort shows as all kinds of errors of sockets and transactions; whatever its reason, it is an interruption.
    const failure = accountFailure(signal.reason, account);
    if (failure.kind === "interrupted") return failure;
    return { code: "interrupted", message: "interrupted", kind: "interrupted" };
  }
}
