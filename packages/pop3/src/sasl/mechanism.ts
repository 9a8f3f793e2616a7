/** The channel that a -PLUS mechanism is bound to (RFC 5056). */
export interface ChannelBinding {
  /** As registered: `tls-exporter` (RFC 9266) or `tls-server-end-point` (RFC 5929). */
  readonly type: string;
  readonly data: Uint8Array;
}

/**
 * One run of a SASL mechanism, the client's side (RFC 4422), without I/O. Octets, not base64. The answers are
 * asked for in the order of the challenges.
 */
export interface SaslExchange {
  /** What the client says first, or null where the server begins. */
  readonly initial: Uint8Array | null;
  /**
   * The answer to a challenge. Throws SaslError where the challenge is not what the mechanism has here.
   */
  answer(challenge: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Why a positive reply must not be believed now, or null: the mechanism is complete. */
  readonly incomplete: string | null;
  /** True once something that depends on the secret was handed out. */
  readonly secretUsed: boolean;
  /** The text of a challenge that told a failure, or null. */
  readonly failure: string | null;
}

/** Printable ASCII, as octets. */
export const ascii = (text: string): Buffer => Buffer.from(text, "latin1");
