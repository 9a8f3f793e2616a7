import type { Account } from "../account/account-url.ts";
import type { AccountSettings } from "../account/settings.ts";
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
