import type { StoredQuery } from "@mailonce/core/search";
import type { Statements } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";

/** Which messages are searched for. */
export interface Sought {
  readonly query: StoredQuery;
  /** The only maildrop whose messages are wanted; null: all. */
  readonly maildrop: string | null;
  /** Gives the messages before one that the index does not have; null: there may be many of them. */
  readonly unread: (
    statements: Statements,
    names: TableNames,
    before: Uint8Array | null,
  ) => Promise<readonly Uint8Array[] | null>;
}

/** False: no message of a maildrop of this name is wanted. */
export function mayBeIn({ query, maildrop }: Pick<Sought, "query" | "maildrop">, name: string): boolean {
  return (maildrop === null || maildrop === name) && query.mayBeIn(name);
}
