/** Base of the errors that the core throws and that stores throw at the core. */
export class MailonceError extends Error {
  /** Stable, lower case with hyphens. */
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** An insert met a row with the same key. The core rolls back and looks again. */
export class DuplicateKeyError extends MailonceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("duplicate-key", message, options);
  }
}

/** The maildrop's generation or lease is no longer the run's own: another run, or a person, has changed it. */
export class GuardFailedError extends MailonceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("guard-failed", message, options);
  }
}

/** A transaction that may succeed if it is simply run again (deadlock, lock wait, snapshot conflict). */
export class TransactionConflictError extends MailonceError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("transaction-conflict", message, options);
  }
}

/** The store cannot take this content, while others may do: too large for it, say. */
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

/** What the server sent cannot be a listing, or does not fit what it sent before. The session is over. */
export class ServerError extends MailonceError {
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(code, message, options);
  }
}
