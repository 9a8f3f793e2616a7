const HOUR_MS = 3_600_000;

/**
 * A login that has worked before is refused, and the server does not say why. Servers without response codes say the
 * same of a maildrop that another program holds locked (RFC 1939 section 4 gives such an answer for an example) and of
 * a password that was changed: their words differ from server to server, so only time can tell.
 */
export interface LoginDoubt {
  /** How often it was refused since it worked last, this time included. */
  readonly refusals: number;
  /** When it was refused first, in ms since 1970. */
  readonly since: number;
  /** So often, or for so long, that it can no longer be left to time. */
  readonly isOver: boolean;
}

/** So long, and for so many logins, it may be a locked maildrop; then somebody must look at it. */
export const DOUBT_MS = 24 * HOUR_MS;
export const DOUBT_LOGINS = 12;

/** What to think of so many refusals since that time. */
export function loginDoubt(refusals: number, since: number, now: number): LoginDoubt {
  // By the clock of another machine it may have been later.
  const first = Math.min(since, now);
  return { refusals, since: first, isOver: refusals > DOUBT_LOGINS || now - first >= DOUBT_MS };
}

/**
 * A login that worked before was refused without a reason; the error that said so is the cause. `login-given-up`: it is
 * no longer taken for a locked maildrop.
 */
export class LoginDoubtError extends Error {
  readonly code: "login-in-doubt" | "login-given-up";
  /** What the server said. */
  readonly statusText: string;
  readonly doubt: LoginDoubt;

  constructor(doubt: LoginDoubt, statusText: string, cause: unknown) {
    super("a login that worked before was refused without a reason", { cause });
    this.name = new.target.name;
    this.code = doubt.isOver ? "login-given-up" : "login-in-doubt";
    this.statusText = statusText;
    this.doubt = doubt;
  }
}
