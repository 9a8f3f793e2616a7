import { FailureError } from "./failure-error.ts";

/** So many are shown of what an id may mean. */
export const SHOWN_CANDIDATES = 10;

/**
 * An id, or the part of one, that means more than one thing. Exit code 2.
 *
 * @param noun what it is an id of, such as `message`
 * @param candidates a line each, the id first; one more than {@link SHOWN_CANDIDATES} says that there are more
 */
export function ambiguousId(noun: string, candidates: readonly string[]): FailureError {
  const shown = candidates.slice(0, SHOWN_CANDIDATES);
  return new FailureError(
    "ambiguous-id",
    `more than one ${noun} has such an id: give more digits of it`,
    "usage",
    { details: candidates.length > shown.length ? [...shown, "… and more"] : shown },
  );
}
