import type { RunLimits } from "./run-limiter.ts";

/** An account that is to be run again and again. */
export interface RunTask {
  /** The maildrop's name. */
  readonly name: string;
  /** Runs with one host at the same time are bounded. */
  readonly host: string;
  /** When it is due next, in ms since 1970. */
  readonly due: number;
  /** Should nobody say when it is due after that (the process died): this many ms later. */
  readonly everyMs: number;
}

/** Runs one account, and tells when it is due again; null: not until somebody puts it again. Does not throw. */
export type RunOne = (name: string) => Promise<number | null>;

/** When accounts are due by what the database knows, in ms since 1970; null while it does not answer. */
export type DueOf = (names: readonly string[]) => Promise<ReadonlyMap<string, number> | null>;

/**
 * Who runs when. A queue decides nothing else: correctness rests on the database alone, so a queue may lose a run, or
 * hand it out twice.
 */
export interface RunQueue extends AsyncDisposable {
  /** Hands out accounts that are due from now on. Called once. `dueOf` is asked where the queue has lost its memory. */
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
   * For how many ms an account has been due that this process had room for and that was not handed out: more than some
   * seconds, for more than some seconds, and the queue hangs. 0 while there is a trouble: nothing can be handed out then.
   */
  readonly lateMs: number;
}
