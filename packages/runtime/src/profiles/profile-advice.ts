import type { Reason } from "@mailonce/core";
import type { AccountSettings } from "../account/settings.ts";
import { isRecent, type Profile, profileOf } from "./profile.ts";

type Settings = Pick<AccountSettings, "profile" | "account" | "login" | "where" | "schedule">;

/** One thing that a person should know about a provider, and for which settings. */
interface Advice {
  readonly code: string;
  readonly applies: (settings: Settings, profile: Profile) => boolean;
  readonly message: (profile: Profile) => string;
}

const isGmail = ({ profile }: Settings): boolean => profile === "gmail";
const byPassword = ({ login }: Settings): boolean => login.kind !== "oauth2";

const ADVICE: readonly Advice[] = [
  {
    code: "pop3-off",
    applies: (_settings, { mustBeEnabled }) => mustBeEnabled,
    message: ({ title }) => `${title}: POP3 is off until it is turned on in the settings of the mailbox`,
  },
  {
    code: "password-for-programs",
    applies: (settings, { password }) => byPassword(settings) && password === "for programs",
    message: ({ title }) =>
      `${title} takes no ordinary password here: make one for programs in the account's security settings, or use OAuth 2`,
  },
  {
    code: "oauth2-only",
    applies: (settings, { password }) => byPassword(settings) && password === "none",
    message: ({ title }) => `${title} takes no password by POP3: set up oauth2 for the account`,
  },
  {
    code: "gmail-window",
    applies: (settings) => isGmail(settings) && !isRecent(settings),
    message: () =>
      "Gmail lists about 250 conversations at a time, the oldest first, and hides what was retrieved once a session " +
      "has ended in order: fetch again until nothing is new. A second program sees only what the first has left; if " +
      "others fetch from this account, put recent: before the user",
  },
  {
    code: "gmail-recent",
    applies: isRecent,
    message: () =>
      "Gmail's recent mode lists the last 30 days only, sent mail too: fetch at least once a month, and expect your own mail",
  },
  {
    code: "gmail-keeps",
    applies: (settings) => isGmail(settings) && !isRecent(settings),
    message: () =>
      'Gmail may archive or delete what is retrieved: choose "keep Gmail\'s copy in the Inbox" in its POP settings',
  },
  {
    code: "gmail-skipped",
    applies: (settings) => isGmail(settings) && !isRecent(settings) && settings.where !== undefined,
    message: () =>
      "mail that your criteria skip stays in Gmail's window of about 250: a fetch that finds nothing new retrieves it " +
      "too, and throws it away, to move the window on",
  },
  {
    code: "login-interval",
    applies: ({ schedule }, { loginIntervalMs }) =>
      loginIntervalMs !== undefined && schedule?.kind === "interval" && schedule.ms < loginIntervalMs,
    message: ({ title, loginIntervalMs }) =>
      `${title} cuts off clients that log in more often than every ${(loginIntervalMs ?? 0) / 1000} seconds: make the interval longer`,
  },
  {
    code: "login-pause",
    applies: (_settings, { loginIntervalMs }) => loginIntervalMs !== undefined,
    message: ({ title, loginIntervalMs }) =>
      `${title} cuts off clients that log in more often than every ${(loginIntervalMs ?? 0) / 1000} seconds: a run that ` +
      "needs a second session waits that long before it, and so should you between two fetches",
  },
];

/** What a person should know of the account's provider: a stable code and a sentence each. */
export function profileAdvice(settings: Settings): readonly Reason[] {
  const profile = profileOf(settings.profile);
  return ADVICE.filter(({ applies }) => applies(settings, profile)).map(({ code, message }) => ({
    code,
    message: message(profile),
  }));
}
