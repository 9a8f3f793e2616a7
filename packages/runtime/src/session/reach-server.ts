import type { AccountAddress } from "../account/account-url.ts";
import { connectAccount, type SessionOptions } from "./account-session.ts";

/**
 * Before a person types a password: connects as a session would be opened, the certificate verified, says QUIT and leaves.
 * When it resolves the server can be reached and is trusted. Without TLS there is nothing to trust, and it does nothing.
 * @throws Pop3Error
 */
export async function reachServer(
  account: AccountAddress,
  options: Omit<SessionOptions, "credentials">,
): Promise<void> {
  if (account.tls === "none") return;
  const client = await connectAccount(account, options);
  // How it parts says nothing of whether it is the right server.
  await client.quit().catch(() => client.close());
}
