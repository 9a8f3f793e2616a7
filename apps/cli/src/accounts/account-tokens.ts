import type { Configuration } from "@mailonce/runtime/config";
import { AccountTokens, type Tokens } from "@mailonce/runtime/oauth2";
import type { Invocation } from "../input/invocation.ts";

/**
 * The tokens of accounts that log in by OAuth 2.
 * @param tokens the database's; null: there is no database yet
 * @param tell takes what people should know of the secrets that are read
 */
export function accountTokens(
  { env, terminal }: Invocation,
  signal: AbortSignal,
  configuration: Configuration | null,
  tokens: Tokens | null,
  tell = (line: string): void => terminal.note(`mailonce: ${line}`),
): AccountTokens {
  return new AccountTokens({ env, signal, tell, tokens, tokenKey: configuration?.tokenKey ?? null });
}
