const FIRST_MS = 10_000;
const FACTOR = 3;
const LONGEST_MS = 6 * 3_600_000;
/** After so many failed attempts, in about a day and a half, a delivery is given up and waits for a person. */
export const MAX_ATTEMPTS = 12;

/** How long to wait after the n-th failed attempt (from 1); null: it is given up. */
export function deliveryBackOff(attempts: number, random: number): number | null {
  if (attempts >= MAX_ATTEMPTS) return null;
  const ms = Math.min(FIRST_MS * FACTOR ** (attempts - 1), LONGEST_MS);
  return Math.floor(ms * (1 + 0.1 * random));
}
