/** The tokens that a login gave. They are never logged, and never part of an error. */
export interface Grant {
  /** Who gave it; it is shown to nobody else. */
  readonly issuer: string;
  readonly clientId: string;
  /** Null: there is none, and a new access token costs a new login (or client credentials). */
  readonly refreshToken: string | null;
  readonly accessToken: string;
  /** In ms since 1970; null: the provider did not say. */
  readonly expiresAt: number | null;
}

/** A token is not used in its last minute: the way to the mail server takes time, and clocks differ. */
const SKEW_MS = 60_000;
/** No provider gives a token for longer than a year: one that seems to last longer came while the clock was ahead. */
const LONGEST_LIFE_MS = 400 * 24 * 3_600_000;

/** Whether the access token may still be used, as far as its expiry goes. */
export function isFresh({ expiresAt }: Grant, now: number): boolean {
  if (expiresAt === null) return true;
  const left = expiresAt - now;
  return left > SKEW_MS && left <= LONGEST_LIFE_MS;
}

/** A grant as JSON, and back; null for what is none. */
export function parseGrant(text: string): Grant | null {
  const read: unknown = JSON.parse(text);
  if (typeof read !== "object" || read === null) return null;
  const { issuer, clientId, refreshToken, accessToken, expiresAt } = read as Partial<
    Record<keyof Grant, unknown>
  >;
  if (typeof issuer !== "string" || typeof clientId !== "string" || typeof accessToken !== "string")
    return null;
  if (typeof refreshToken !== "string" && refreshToken !== null) return null;
  if (typeof expiresAt !== "number" && expiresAt !== null) return null;
  return { issuer, clientId, refreshToken, accessToken, expiresAt };
}
