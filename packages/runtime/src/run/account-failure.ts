import { type FailedServer, type Failure, failureOf } from "../failure/failure.ts";
import { guessProfile, profileOf } from "../profiles/profile.ts";

/**
 * Puts an error in words that came up in work on this account: {@link failureOf} with what its provider is known to want.
 */
export function accountFailure(thrown: unknown, account: FailedServer): Failure {
  return failureOf(thrown, { ...account, passwordAdvice: passwordAdvice(account.host) });
}

/** What a person should do whose password the server refuses: with some providers no ordinary password is ever right. */
function passwordAdvice(host: string): string {
  const { title, password, mustBeEnabled } = profileOf(guessProfile(host));
  const enabled = mustBeEnabled ? `; POP3 must be turned on in the settings of ${title}` : "";
  switch (password) {
    case "own":
      return `check user and password${enabled}`;
    case "for programs":
      return `${title} takes no ordinary password here, but one made for programs in the account's security settings${enabled}`;
    case "none":
      return `${title} takes no password by POP3: set up oauth2 for the account ('mailonce help oauth2')${enabled}`;
  }
}
