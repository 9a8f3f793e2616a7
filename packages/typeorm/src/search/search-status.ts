import { WORDS_VERSION } from "@mailonce/core/words";
import type { Gateway } from "../database/gateway.ts";
import type { TableNames } from "../schema/table-names.ts";

/** How many messages there are, and how many can be found by their words. */
export interface SearchStatus {
  readonly messages: number;
  readonly indexed: number;
}

/** Goes over the keys of all messages once: some 0.1 s for a million. */
export async function searchStatus(
  gateway: Gateway,
  { message, messageWords }: TableNames,
): Promise<SearchStatus> {
  const [row] = await gateway.read((statements) =>
    statements.rows(
      `SELECT (SELECT COUNT(*) FROM ${message}) AS messages,
         (SELECT COUNT(*) FROM ${messageWords} WHERE version = ?) AS indexed`,
      [WORDS_VERSION],
    ),
  );
  return { messages: Number(row?.["messages"] ?? 0), indexed: Number(row?.["indexed"] ?? 0) };
}
