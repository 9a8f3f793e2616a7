/** The longest pause between two logins that is kept, whatever the server or the database says: a day. */
const LONGEST_LOGIN_DELAY_MS = 24 * 3_600_000;

/** The pause between two logins that is kept if a server asks for `ms`, in milliseconds. */
export function boundedLoginDelay(ms: number): number {
  return Math.min(Math.max(ms, 0), LONGEST_LOGIN_DELAY_MS);
}
