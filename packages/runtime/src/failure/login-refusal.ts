import { listOf, text } from "./error-properties.ts";

/** What is known of a login that failed. */
export interface LoginFailureFacts {
  readonly host: string;
  readonly error: Error;
  /** The server's response code, or nothing. */
  readonly detail: string;
  /** ` (it says: …)`, or nothing. */
  readonly said: string;
  /** True: the line has no TLS. */
  readonly plaintext: boolean;
  /** What to do where it was a password that was refused. */
  readonly passwordAdvice: string;
}

const OVER_TLS = "write pop3:// without ?tls=none (STLS), or pop3s:// for a port with TLS";

/** The words for a refused login. The server's own text is quoted, never interpreted. */
export function loginRefused(facts: LoginFailureFacts): string {
  const { host, error, detail, said, plaintext, passwordAdvice } = facts;
  if (isTokenRefusal(error))
    return `${host} refused the access token: it must be this user's, and for mail by POP3 ('mailonce login' gets another)${said}`;
  if (/^SYS\/PERM(?:\/|$)/.test(detail))
    return `${host} refused the login for a trouble of its own that lasts, not for user or password: tell who runs it${said}`;
  const otherwise = said === "" ? "" : ", unless it gives another reason";
  if (Reflect.get(error, "stlsUnused") === true) {
    // USER was refused: the password was not sent yet, so it cannot be what is wrong.
    return text(error, "verb") === "USER"
      ? `${host} takes no login on a line without TLS, and offers STLS: ${OVER_TLS}${said}`
      : `${host} refused the login on a line without TLS, and offers STLS, which it may want first: ${OVER_TLS}; with TLS: ${passwordAdvice}${otherwise}${said}`;
  }
  const line = plaintext ? `; the line is without TLS, which the server may want: ${OVER_TLS}` : "";
  return `${host} refused the login: ${passwordAdvice}${otherwise}${line}${said}`;
}

/** The words for a login that could not be tried, because the server offers no mechanism that fits. */
export function noMechanism({ host, error, plaintext }: LoginFailureFacts): string {
  if (Reflect.get(error, "stlsUnused") === true)
    return `${host} takes no login on a line without TLS, and offers STLS: ${OVER_TLS}`;
  const offered = listOf(error, "offered").map((name) => name.toUpperCase());
  if (offered.length > 0 && offered.every((name) => TOKEN_MECHANISMS.includes(name)))
    return `${host} takes access tokens only, no password: set up oauth2 for the account ('mailonce help oauth2')`;
  const line = plaintext ? `; over TLS it may: ${OVER_TLS}` : "";
  return `${host} offers no way to log in with a password or token that may be used on this line${line}`;
}

const TOKEN_MECHANISMS: readonly string[] = ["XOAUTH2", "OAUTHBEARER"];

/** Whether a token was refused, not a password. */
export function isTokenRefusal(error: unknown): boolean {
  return TOKEN_MECHANISMS.includes(text(error, "mechanism"));
}
