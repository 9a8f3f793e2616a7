import type { StoredMessage } from "@mailonce/core";
import type { IncludedContent } from "./included-content.ts";
import type { OutboxEntry } from "./outbox.ts";

/** What a hook is notified of, and how it can read the message. */
export interface Delivery {
  readonly entry: OutboxEntry;
  readonly message: StoredMessage;
  /** The message's octets exactly as they arrived. */
  content(): AsyncIterable<Uint8Array>;
  /** What is in the message, as far as the hook is told of it; null: it is not. */
  readonly included: IncludedContent | null;
}

/** An attempt that failed. */
export class DeliveryError extends Error {
  /** Stable: `http-status`, `timeout`, `exit-status` and the like. */
  readonly code: string;
  /** The receiver asks for so long a pause; null if it does not. */
  readonly retryAfterMs: number | null;
  /** True: another attempt cannot do better. */
  readonly isFinal: boolean;

  constructor(
    code: string,
    message: string,
    { retryAfterMs = null, isFinal = false }: { retryAfterMs?: number | null; isFinal?: boolean } = {},
  ) {
    super(message);
    this.name = "DeliveryError";
    this.code = code;
    this.retryAfterMs = retryAfterMs;
    this.isFinal = isFinal;
  }
}

/**
 * What a hook is told of a message: the body of a webhook and of a queue's job. Times are in ISO 8601, the digest is in
 * hexadecimal; the message itself is not in it, but what the hook is to be told of what is in it.
 */
export function deliveryFacts({ entry, message, included }: Delivery) {
  const { id, maildrop, octets, sha256, messageIdHeader, date, from, to, subject, storedAt } = message;
  return {
    type: "message.stored",
    // The same at every attempt: a receiver that has seen it has nothing to do.
    idempotencyKey: entry.idempotencyKey,
    hook: entry.hook,
    // When the message was stored.
    timestamp: entry.createdAt.toISOString(),
    data: {
      id,
      maildrop,
      octets,
      sha256: Buffer.from(sha256).toString("hex"),
      messageId: messageIdHeader,
      date: date?.toISOString() ?? null,
      from,
      to,
      subject,
      storedAt: storedAt.toISOString(),
      ...(included === null ? {} : { content: included }),
    },
  };
}
