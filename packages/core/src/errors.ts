/** The base class of all errors that the core throws, and of those that a store throws to the core. */
export class MailonceError extends Error {
  /** Which error this is, in lower case with hyphens. A code never changes its meaning. */
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** A store throws it when an insert meets a row with the same unique key. The core rolls back and reads again. */
export class DuplicateKeyError extends MailonceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("duplicate-key", message, options);
  }
}

/** A transaction was refused because another run, or a person, has changed the maildrop's generation or lease. */
export class GuardFailedError extends MailonceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("guard-failed", message, options);
  }
}

/** A transaction failed that may succeed if it is simply run again (deadlock, lock wait, snapshot conflict). */
export class TransactionConflictError extends MailonceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("transaction-conflict", message, options);
  }
}

/** The store cannot take this one content, for example because it is too large; it may take others. */
export class ContentRefusedError extends MailonceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("content-refused", message, options);
  }
}

/** The store cannot be reached, is full or read-only, or broke off; whether a commit took effect may be unknown. */
export class StoreUnavailableError extends MailonceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("store-unavailable", message, options);
  }
}

/** The server's reply is no listing, or contradicts an earlier reply. The session cannot be used any more. */
export class ServerError extends MailonceError {
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(code, message, options);
  }
}
