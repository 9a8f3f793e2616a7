import type { Account } from "../account/account-url.ts";
import type { AccountSettings, WorkerSettings } from "../account/settings.ts";
import { guessProfile } from "../profiles/profile.ts";

/** The settings of an account that is given by its URL alone: all defaults. */
export function bareAccount(account: Account): AccountSettings {
  return {
    name: account.maildrop,
    account,
    login: { kind: "ask" },
    trustedCertificates: [],
    pinnedCertificates: [],
    pinnedPublicKeys: [],
    timeouts: {},
    profile: guessProfile(account.host),
    hooks: [],
    apart: false,
  };
}

/** The worker's settings where the accounts file has none. */
export const DEFAULT_WORKER: WorkerSettings = {
  queue: null,
  listen: null,
  perHost: 4,
  shutdownMs: 30_000,
  keepDeliveredMs: 14 * 86_400_000,
};
