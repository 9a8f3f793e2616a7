import type { StoredQuery } from "@mailonce/core/search";

/** Which messages are searched for. */
export interface Sought {
  readonly query: StoredQuery;
  /** The only maildrop whose messages are wanted; null: all. */
  readonly maildrop: string | null;
}

/** False: no message of a maildrop of this name is wanted. */
export function mayBeIn({ query, maildrop }: Sought, name: string): boolean {
  return (maildrop === null || maildrop === name) && query.mayBeIn(name);
}
