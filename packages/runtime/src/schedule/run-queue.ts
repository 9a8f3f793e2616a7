import type { RunLimits } from "./run-limiter.ts";

/** An account that is to be run again and again. */
export interface RunTask {
  /** The maildrop's name. */
  readonly name: string;
  /** Runs with one host at the same time are bounded. */
  readonly host: string;
  /** When it is due next, in ms since 1970. */
  readonly due: number;
  /** If the process dies in the run and nobody says when it is due after that, it is due so many milliseconds later. */
  readonly everyMs: number;
}

/** Runs one account, and tells when it is due again; null: not until somebody puts it again. Does not throw. */
export type RunOne = (name: string) => Promise<number | null>;

/** When accounts are due by what the database knows, in ms since 1970; null while it does not answer. */
export type DueOf = (names: readonly string[]) => Promise<ReadonlyMap<string, number> | null>;

/**
 * Decides which account runs when. Correctness rests on the database alone: a queue may lose a run, or hand it out twice.
 */
export interface RunQueue extends AsyncDisposable {
  /** Begins to hand out accounts that are due. Called once. `dueOf` is asked when the queue has lost what it knew. */
  start(run: RunOne, dueOf?: DueOf): Promise<void>;
  /** Adds the account, or changes when it is due; a run under way goes on. */
  put(task: RunTask): Promise<void>;
  /** Takes the account out; a run under way goes on. */
  remove(name: string): Promise<void>;
  /** Bounds the runs of this process. */
  limit(limits: RunLimits): void;
  /** Hands out no more. Resolves when nothing is under way in this process. */
  stop(): Promise<void>;
  /** Why it hands out nothing at present; null if all is well. */
  readonly trouble: string | null;
  /**
   * For how many milliseconds an account has been due, and not handed out, although this process has room for it. If that
   * stays at several seconds, the queue hangs. 0 while there is a `trouble`.
   */
  readonly lateMs: number;
}
