/** `dead`: it was given up, and a person must see to it. */
export type OutboxState = "pending" | "delivered" | "dead";

/** Which row of the outbox. */
export interface OutboxKey {
  readonly messageId: string;
  readonly hook: string;
}

/** A stored message that one hook is to be told of. */
export interface OutboxEntry extends OutboxKey {
  readonly maildrop: string;
  /** A UUID that is the same at every attempt, so that a receiver can tell that it has had the delivery before. */
  readonly idempotencyKey: string;
  readonly state: OutboxState;
  /** Failed attempts so far. */
  readonly attempts: number;
  /** When it is to be tried next; null if it is not to be tried. */
  readonly due: Date | null;
  readonly deliveredAt: Date | null;
  readonly createdAt: Date;
  /** Why the last attempt failed. */
  readonly reason: { readonly code: string; readonly message: string } | null;
}

/** What became of an attempt. */
export type OutboxResult =
  | { readonly state: "delivered"; readonly at: Date }
  | {
      readonly state: "pending" | "dead";
      /** When it is tried next; null for dead. */
      readonly due: Date | null;
      readonly reason: { readonly code: string; readonly message: string };
      /** False: the hook was not asked at all, so no attempt has failed. True if absent. */
      readonly isAttempt?: boolean;
    };

/** Which rows to read. */
export interface OutboxQuery {
  readonly states?: readonly OutboxState[];
  readonly maildrop?: string;
}

/** How much is in the outbox. */
export interface OutboxDepth {
  readonly pending: number;
  readonly dead: number;
  /** When the oldest pending row was written; null if there is none. */
  readonly oldest: Date | null;
}
