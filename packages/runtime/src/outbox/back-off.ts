import { LONGEST_DELIVERY_WAIT_MS } from "@mailonce/core";

const FIRST_MS = 10_000;
const FACTOR = 3;
/** A wait is longer by up to this part, at random, so that what failed together is not tried again together. */
const JITTER = 0.1;
/** After so many failed attempts, in about a day and a half, a delivery is given up and waits for a person. */
export const MAX_ATTEMPTS = 12;

/** How long to wait after the n-th failed attempt (from 1); null: it is given up. */
export function deliveryBackOff(attempts: number, random: number): number | null {
  if (attempts >= MAX_ATTEMPTS) return null;
  const ms = Math.min(FIRST_MS * FACTOR ** (attempts - 1), LONGEST_DELIVERY_WAIT_MS / (1 + JITTER));
  return Math.floor(ms * (1 + JITTER * random));
}
