import { FailureError } from "./failure-error.ts";

/** At most so many of the things that an id may mean are shown. */
const SHOWN_CANDIDATES = 10;

/**
 * The error for an id, or a part of one, that means more than one thing. Its kind is `usage`.
 *
 * @param noun what it is an id of, such as `message`
 * @param candidates a line each, the id first; no more of them are read than are shown, and one
 */
export async function ambiguousId(
  noun: string,
  candidates: Iterable<string> | AsyncIterable<string>,
): Promise<FailureError> {
  const details: string[] = [];
  for await (const candidate of candidates) {
    details.push(details.length < SHOWN_CANDIDATES ? candidate : "… and more");
    if (details.length > SHOWN_CANDIDATES) break;
  }
  return new FailureError(
    "ambiguous-id",
    `more than one ${noun} has such an id: give more digits of it`,
    "usage",
    { details },
  );
}
