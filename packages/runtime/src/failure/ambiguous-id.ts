import { FailureError } from "./failure-error.ts";

/** At most so many of the things that an id may mean are shown. */
export const SHOWN_CANDIDATES = 10;

/**
 * The error for an id, or a part of one, that means more than one thing. Its kind is `usage`.
 *
 * @param noun what it is an id of, such as `message`
 * @param candidates a line each, the id first; more than {@link SHOWN_CANDIDATES} are not all shown
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
