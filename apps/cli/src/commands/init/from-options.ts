import { resolve } from "node:path";
import { accountUrl, isAccountName, parseAccountUrl } from "@mailonce/runtime/config";
import { usageError } from "../../input/usage-error.ts";
import type { NewAccountsFile, OAuth2Provider, PasswordPlace } from "./new-accounts-file.ts";
import { suggestedName } from "./suggestions.ts";

/** The options of init that describe the account, in place of questions. */
export interface AccountDescription {
  readonly url?: string;
  readonly name?: string;
  readonly passwordEnv?: string;
  readonly passwordFile?: string;
  readonly passwordCommand?: string;
  readonly oauth2?: OAuth2Provider;
  readonly clientId?: string;
  readonly database?: string;
}

/** What the options say of the new accounts file. @throws FailureError (`usage`) if they do not say enough */
export function fromOptions(options: AccountDescription): NewAccountsFile {
  const { url, name, database = null } = options;
  if (url === undefined)
    throw usageError(
      "usage",
      "there is no terminal to ask on: give --url pop3s://USER@HOST, and where the password is kept",
    );
  const address = parseAccountUrl(url);
  if (name !== undefined && !isAccountName(name))
    throw usageError(
      "usage",
      "--name begins with a letter or digit and is made of letters, digits and . _ @ + -",
    );
  return {
    name: name ?? suggestedName(address.host),
    url: accountUrl(address),
    password: passwordPlace(options),
    database,
  };
}

function passwordPlace(options: AccountDescription): PasswordPlace {
  const { passwordEnv, passwordFile, passwordCommand, oauth2: provider, clientId } = options;
  if ((provider === undefined) !== (clientId === undefined))
    throw usageError(
      "usage",
      "--oauth2 and --client-id belong together: the provider gives the client id to an application that is registered there ('mailonce help oauth2')",
    );
  if (provider !== undefined && clientId !== undefined) return { kind: "oauth2", provider, clientId };
  if (passwordEnv !== undefined) return { kind: "env", name: passwordEnv };
  // On the command line a path is relative to the working directory, in the accounts file to that file: so it is made absolute.
  if (passwordFile !== undefined) return { kind: "file", path: resolve(passwordFile), typed: null };
  if (passwordCommand !== undefined) return { kind: "command", command: passwordCommand };
  return { kind: "ask" };
}
