const HOUR_MS = 3_600_000;

/**
 * A login that worked before is refused, and the server does not say why. Servers without response codes give the same
 * answer while another program has locked the maildrop (RFC 1939 section 4 has such an example) and after the password was
 * changed. Only time tells which it is.
 */
export interface LoginDoubt {
  /** How often it was refused since it worked last, this time included. */
  readonly refusals: number;
  /** When it was refused first, in ms since 1970. */
  readonly since: number;
  /** True: it has been refused too often, or for too long, to be a locked maildrop. */
  readonly isOver: boolean;
}

/** For so long, and for so many logins, it is taken for a locked maildrop. After that a person must look at it. */
export const DOUBT_MS = 24 * HOUR_MS;
export const DOUBT_LOGINS = 12;

/** The doubt after so many refusals since that time. */
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
