import type { Account } from "../account/account-url.ts";
import type { AccountSettings, Configuration, ContentSettings } from "../account/settings.ts";
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

/** What is made of what is in the mail where nothing is said of it. */
export const DEFAULT_CONTENT: ContentSettings = { text: true, html: false, attachments: "metadata" };

/** What holds where no accounts file says anything: all defaults, and no accounts. */
export const DEFAULT_CONFIGURATION: Configuration = {
  file: "",
  database: null,
  tokenKey: null,
  concurrency: 4,
  content: DEFAULT_CONTENT,
  worker: {
    queue: null,
    listen: null,
    perHost: 4,
    shutdownMs: 30_000,
    keepDeliveredMs: 14 * 86_400_000,
  },
  accounts: [],
};
