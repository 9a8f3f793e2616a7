import type { AccountSettings } from "../account/settings.ts";
import type { UsedLogin } from "../login/login-memory.ts";
import { type AccountSurroundings, accountOptions } from "../run/account-options.ts";

/** What the account would log in with now; null if it cannot be had, or may be another secret each time. */
export async function usedLogin(
  settings: AccountSettings,
  surroundings: AccountSurroundings,
): Promise<UsedLogin | null> {
  try {
    const { account, credentials, secret } = await accountOptions(settings, surroundings);
    if (secret === undefined || typeof credentials !== "function") return null;
    const given = await credentials(null);
    if (!("password" in given)) return null;
    return { account, secret: given.password, place: secret.place, fingerprint: await secret.fingerprint() };
  } catch {
    return null;
  }
}
