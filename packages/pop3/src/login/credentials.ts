import { LoginRefusedError } from "../errors/login.ts";
import { InvalidArgumentError } from "../errors/usage.ts";

/** User and password, sent as UTF-8; never logged, never part of an error. */
export interface PasswordCredentials {
  readonly user: string;
  readonly password: string;
}

/** User and OAuth 2 access token (without "Bearer"); never logged, never part of an error. */
export interface TokenCredentials {
  readonly user: string;
  readonly token: string;
}

/** What to log in with. */
export type Credentials = PasswordCredentials | TokenCredentials;

/**
 * Gives the credentials when they are needed. It is called with null first. If the server refuses a token, it is called
 * once more with the refusal, so that it can have a new token issued. It must not use the client.
 */
export type CredentialsProvider = (refused: LoginRefusedError | null) => Credentials | Promise<Credentials>;

/** The password or the token. */
export function secretOf(credentials: Credentials): string {
  return "token" in credentials ? credentials.token : credentials.password;
}

/** Throws InvalidArgumentError for credentials that no mechanism can carry, before anything is written. Quotes no secret. */
export function checkCredentials(credentials: Credentials): void {
  if (typeof credentials !== "object" || credentials === null)
    throw new InvalidArgumentError(
      "login: credentials are { user, password } or { user, token }, or give such",
    );
  const secret = "token" in credentials ? "token" : "password";
  const texts: readonly (readonly [string, unknown])[] = [
    ["user", credentials.user],
    [secret, secretOf(credentials)],
  ];
  for (const [name, text] of texts) {
    if (typeof text !== "string" || text === "" || /[\r\n\0]/.test(text))
      throw new InvalidArgumentError(
        `login: the ${name} is ${text === "" ? "empty" : typeof text !== "string" ? `no text (${typeof text})` : "no single line"}; allowed is a text without CR, LF and NUL`,
      );
  }
}

/**
 * Makes one attempt with the credentials. If a provider gave them, the server has refused a token, and the session goes
 * on, it makes a second attempt with new ones.
 */
export async function withCredentials(
  credentials: Credentials | CredentialsProvider,
  usable: () => boolean,
  attempt: (given: Credentials) => Promise<void>,
): Promise<void> {
  if (typeof credentials !== "function") return attempt(credentials);
  const given = await credentials(null);
  try {
    await attempt(given);
  } catch (error) {
    const again = error instanceof LoginRefusedError && error.advice !== "later" && "token" in given;
    if (!again || !usable()) throw error;
    await attempt(await credentials(error));
  }
}
