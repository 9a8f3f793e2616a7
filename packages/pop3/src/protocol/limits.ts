/**
 * Bounds on what the server controls, in octets unless the name says otherwise. Beyond one of them the session ends with
 * LimitExceededError, unless the limit's comment says otherwise.
 */
export interface Limits {
  /** A status line with its line end. RFC 2449 section 4 allows 512; some servers say more. Default 8 KiB. */
  readonly statusLineOctets: number;
  /** A challenge with its line end; RFC 5034 section 4 allows 12,288. Default 16 KiB. */
  readonly challengeOctets: number;
  /** Iterations that a SCRAM server may ask for. Default 1,000,000, about a second of work. */
  readonly scramIterations: number;
  /** The reply to CAPA. Default 64 KiB. */
  readonly capabilityOctets: number;
  /** The reply to LIST or UIDL. Default 256 MiB, about three million of the longest lawful unique-ids. */
  readonly listingOctets: number;
  /**
   * One line of LIST or UIDL; a longer one counts as malformed and the session goes on. In `listings`, whose lines are
   * not cut, one of sixteen times as many octets ends it. Default 4 KiB.
   */
  readonly listingLineOctets: number;
  /**
   * Lines of LIST or of UIDL. Default 5,000,000; in `listings`, where STAT says how many messages there are, at most
   * ten times as many and 10,000 more.
   */
  readonly listingLines: number;
  /** The reply to RETR or TOP. Default 4 GiB; see `mostOctets` of a retrieval. */
  readonly messageOctets: number;
  /**
   * One header of `topMany` or `topBlocks`; of a longer one the beginning is reported for that message, and the session goes on.
   * Default 1 MiB.
   */
  readonly headerOctets: number;
  /** The reply to TOP n 0: some servers send the whole message. Default 256 MiB. */
  readonly topOctets: number;
  /**
   * Octets a second in which a multi-line reply must come, while it is waited for; see `timeouts.rateMs`. Default 50, a
   * twentieth of what the slowest modems bring. 0: none.
   */
  readonly leastRate: number;
  /** Received and not yet consumed: above it the socket is paused. Default 1 MiB. */
  readonly bufferedOctets: number;
}

export const defaultLimits: Limits = {
  statusLineOctets: 8 * 1024,
  challengeOctets: 16 * 1024,
  scramIterations: 1_000_000,
  capabilityOctets: 64 * 1024,
  listingOctets: 256 * 1024 * 1024,
  listingLineOctets: 4 * 1024,
  listingLines: 5_000_000,
  messageOctets: 4 * 1024 * 1024 * 1024,
  headerOctets: 1024 * 1024,
  topOctets: 256 * 1024 * 1024,
  leastRate: 50,
  bufferedOctets: 1024 * 1024,
};

/** The given limits, and the defaults of those that are not given. */
export function limitsOf(given: Partial<Limits>): Limits {
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...defaultLimits, ...Object.fromEntries(set) };
}
