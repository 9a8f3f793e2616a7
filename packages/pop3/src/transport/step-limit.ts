import { AbortedError, TimeoutError, type TimeoutPhase } from "../errors/connection.ts";
import { longestMs } from "../options/connect-options.ts";

/** How long one step of connecting may take, and a signal that ends it earlier. */
export interface StepLimit {
  readonly ms: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * One step of connecting, as a promise that is bounded by the limit. `start` begins the step and returns a function that
 * undoes it, which is called when the step fails. Throws TimeoutError, AbortedError, and what the step fails with.
 */
export function limited<T>(
  phase: TimeoutPhase,
  { ms, signal }: StepLimit,
  start: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal?.aborted === true) return reject(new AbortedError(signal.reason));
    let undo = (): void => undefined;
    const fail = (error: unknown): void => {
      settle();
      undo();
      reject(error);
    };
    const onAbort = (): void => fail(new AbortedError(signal?.reason));
    const timer = setTimeout(() => fail(new TimeoutError(phase, ms)), Math.min(ms, longestMs));
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    try {
      undo = start((value) => {
        settle();
        resolve(value);
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}
