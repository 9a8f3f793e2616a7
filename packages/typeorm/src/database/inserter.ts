import type { Value } from "../values/row.ts";

/** What rows are inserted into. `suffix` goes after the values, for example what to do with existing keys. */
export interface Target {
  readonly table: string;
  readonly columns: readonly string[];
  readonly suffix?: string;
}

/** Inserts rows. They come sorted by key: unsorted bulk inserts deadlock. */
export interface Inserter {
  /** Adds a row. Gives a promise only if there is something to wait for: to await nothing for each of many rows is slow. */
  add(row: readonly Value[]): Promise<void> | undefined;
  /** Writes the rows that are not written yet. */
  flush(): Promise<void> | undefined;
}
