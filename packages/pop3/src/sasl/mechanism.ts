/** The channel that a -PLUS mechanism is bound to (RFC 5056). */
export interface ChannelBinding {
  /** As registered: `tls-exporter` (RFC 9266) or `tls-server-end-point` (RFC 5929). */
  readonly type: string;
  readonly data: Uint8Array;
}

/**
 * The client's side of one SASL exchange (RFC 4422), without I/O. Challenges and answers are octets, not base64. The
 * answers are asked for in the order of the challenges.
 */
export interface SaslExchange {
  /** What the client says first, or null where the server begins. */
  readonly initial: Uint8Array | null;
  /** The answer to a challenge. Throws SaslError if the mechanism has no such challenge at this point. */
  answer(challenge: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Why a positive reply must not be believed at this point; null: the mechanism is complete. */
  readonly incomplete: string | null;
  /** True once an answer was given that depends on the secret. */
  readonly secretUsed: boolean;
  /** The text of a challenge by which the server reported a failure, or null. */
  readonly failure: string | null;
}

/** Printable ASCII, as octets. */
export const ascii = (text: string): Buffer => Buffer.from(text, "latin1");
