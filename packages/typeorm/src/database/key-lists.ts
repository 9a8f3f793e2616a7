import type { Value } from "../values/row.ts";

/** Lengths of `IN` lists: few, so that each statement is prepared once, and below 1,000, where MariaDB makes joins of them. */
const LIST_LENGTHS = [1, 10, 100, 500] as const;

/** An `IN` list of one of a few lengths. */
export interface KeyList {
  /** `(?,?,…)` */
  readonly sql: string;
  readonly values: readonly Value[];
}

/** Splits keys into `IN` lists; a list is filled up to its length by repeating the last key. */
export function* keyLists(keys: readonly Value[]): Generator<KeyList> {
  const longest = LIST_LENGTHS[LIST_LENGTHS.length - 1] ?? 1;
  for (let from = 0; from < keys.length; from += longest) {
    const values = keys.slice(from, from + longest);
    const length = LIST_LENGTHS.find((fits) => fits >= values.length) ?? longest;
    const last = values[values.length - 1] ?? null;
    while (values.length < length) values.push(last);
    yield { sql: `(${values.map(() => "?").join(",")})`, values };
  }
}
