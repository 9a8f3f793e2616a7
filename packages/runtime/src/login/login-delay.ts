/** No server is left alone for longer between two logins, whatever it says or the database holds: a day. */
const LONGEST_LOGIN_DELAY_MS = 24 * 3_600_000;

/** What a server wants between two logins, as far as it is obeyed, in ms. */
export function boundedLoginDelay(ms: number): number {
  return Math.min(Math.max(ms, 0), LONGEST_LOGIN_DELAY_MS);
}
