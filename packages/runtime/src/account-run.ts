import type { Counts, MaildropSession, Outcome, Reason, Run, RunProgress } from "@mailonce/core";
import type { Account } from "./account-url.ts";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { type Failure, failureOf } from "./failure.ts";
import { isWorthAnotherRun, type RestartPolicy } from "./restart.ts";
import { Tally } from "./tally.ts";

/** How one invocation on one account ended. */
export interface AccountReport {
  readonly maildrop: string;
  readonly counts: Readonly<Counts>;
  /** Things that a person should know, each once. */
  readonly warnings: readonly Reason[];
  readonly exitCode: ExitCode;
  /** Why it did not see the maildrop through to the end; null if it did. */
  readonly error: Reason | null;
}

/** How far one invocation on one account is, over all of its runs. */
export interface AccountProgress extends Omit<RunProgress, "phase"> {
  readonly phase: RunProgress["phase"] | "connecting" | "pausing";
}

/** What an {@link AccountRun} is made of. */
export interface AccountRunParts {
  readonly account: Account;
  /** A new session, logged in. */
  readonly open: () => Promise<MaildropSession>;
  /** A run over it. `stored` messages were stored by earlier runs of this invocation. */
  readonly start: (session: MaildropSession, stored: number) => Run;
  readonly restart: RestartPolicy;
  readonly signal: AbortSignal | undefined;
}

const NOT_STARTED: RunProgress = {
  phase: "listing",
  listed: 0,
  messages: 0,
  messagesDone: 0,
  octets: 0,
  octetsDone: 0,
};

/**
 * One invocation on one account: a run over a session and, where the session broke and another may do better, a
 * bounded number of further runs. Iterate it once for the outcomes; the iteration does not throw. When it has ended,
 * `report` says how. Leaving it early ends the session and keeps what is committed.
 */
export class AccountRun implements AsyncIterable<Outcome> {
  readonly maildrop: string;
  readonly #parts: AccountRunParts;
  readonly #tally = new Tally();
  #run: Run | null = null;
  #phase: "connecting" | "pausing" | null = "connecting";
  #hadSession = false;
  #failure: Failure | null = null;

  constructor(parts: AccountRunParts) {
    this.#parts = parts;
    this.maildrop = parts.account.maildrop;
  }

  /** How far it is; read it as often as you like. */
  get progress(): AccountProgress {
    const progress = this.#tally.progress(this.#run?.progress ?? NOT_STARTED);
    return this.#phase === null ? progress : { ...progress, phase: this.#phase };
  }

  /** How it ended, or how it stands while outcomes are still to come. */
  get report(): AccountReport {
    const counts = this.#tally.counts;
    const failure = this.#failure;
    const partial = counts.deferred + counts.failed > 0 ? EXIT.partial : EXIT.done;
    return {
      maildrop: this.maildrop,
      counts,
      warnings: this.#tally.warnings,
      exitCode: failure?.exitCode ?? partial,
      error: failure === null ? null : { code: failure.code, message: failure.message },
    };
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Outcome> {
    const { restart, signal } = this.#parts;
    let fruitless = 0;
    for (let restarts = 0; ; restarts++) {
      let outcomes = 0;
      try {
        for await (const outcome of this.#oneRun()) {
          outcomes++;
          yield outcome;
        }
        return;
      } catch (error) {
        fruitless = outcomes > 0 ? 0 : fruitless + 1;
        const failure = this.#failureOf(error);
        const again =
          restarts < restart.restarts && fruitless < 2 && isWorthAnotherRun(error, this.#hadSession);
        if (!again || signal?.aborted) {
          this.#failure = failure;
          return;
        }
        this.#tally.warn({ code: "started-again", message: `started again: ${failure.message}` });
      }
      if (!(await this.#pause(restarts + 1))) return;
    }
  }

  async *#oneRun(): AsyncGenerator<Outcome, void, void> {
    this.#phase = "connecting";
    const session = await this.#parts.open();
    try {
      this.#hadSession = true;
      const run = this.#parts.start(session, this.#tally.stored);
      this.#run = run;
      this.#phase = null;
      try {
        yield* run;
      } finally {
        this.#run = null;
        this.#tally.add(run.summary, run.progress);
      }
    } finally {
      session.close();
    }
  }

  /** False if the pause was interrupted. */
  async #pause(restart: number): Promise<boolean> {
    this.#phase = "pausing";
    try {
      await this.#parts.restart.pause(restart, this.#parts.signal);
      return true;
    } catch (error) {
      this.#failure = this.#failureOf(error);
      return false;
    }
  }

  #failureOf(error: unknown): Failure {
    // Whatever an abort makes of a socket or a transaction in the middle of something: it is an interruption.
    if (this.#parts.signal?.aborted) return failureOf(this.#parts.signal.reason, this.#parts.account);
    return failureOf(error, this.#parts.account);
  }
}
