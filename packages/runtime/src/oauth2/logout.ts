import { FailureError } from "../failure/failure-error.ts";
import type { AuthorizationServer } from "./authorization-server.ts";
import type { Grant } from "./grant.ts";
import type { TokenVault } from "./token-vault.ts";

/** How a logout ended. The grant is gone from the database in any case. */
export type LogoutResult =
  /** `forgotten`: the provider cannot revoke it. It expires, or the user takes it back where they manage applications. */
  | { readonly kind: "none" | "revoked" | "forgotten" }
  | { readonly kind: "not-revoked"; readonly failure: FailureError };

/** Revokes the account's grant where the provider can (RFC 7009), and forgets it whatever comes of that. */
export async function logOut(
  account: string,
  vault: TokenVault,
  discover: (grant: Grant) => Promise<AuthorizationServer>,
): Promise<LogoutResult> {
  let result: LogoutResult;
  try {
    const grant = await vault.readToForget(account);
    if (grant === null) return { kind: "none" };
    const server = await discover(grant);
    const isRevoked = await server.revoke(grant.refreshToken ?? grant.accessToken);
    result = { kind: isRevoked ? "revoked" : "forgotten" };
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    result = { kind: "not-revoked", failure: error };
  }
  return (await vault.forget(account)) ? result : { kind: "none" };
}
