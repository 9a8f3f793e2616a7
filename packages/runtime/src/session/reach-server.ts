import type { AccountAddress } from "../account/account-url.ts";
import { connectAccount, type SessionOptions } from "./account-session.ts";

/**
 * Checks, before a person types a password, that the server can be reached and its certificate is trusted: connects as a
 * session does, and ends with QUIT. Without TLS there is nothing to check, and it does nothing.
 * @throws Pop3Error
 */
export async function reachServer(
  account: AccountAddress,
  options: Omit<SessionOptions, "credentials">,
): Promise<void> {
  if (account.tls === "none") return;
  const client = await connectAccount(account, options);
  // A refused QUIT says nothing about the server's identity.
  await client.quit().catch(() => client.close());
}
