import { StoreUnavailableError } from "@mailonce/core";

/**
 * Why a server cannot be used, where programs should tell it from a server that is merely away:
 *
 * - `store-refused`: the login was refused (user, password, host, a locked account, a way to log in)
 * - `store-untrusted`: it has not proved who it is, or does not offer the TLS that was asked for
 * - `store-busy`: it has too much to do for the moment
 * - `store-missing`: it has no database of this name
 */
export type ServerRefusal = "store-refused" | "store-untrusted" | "store-busy" | "store-missing";

/** A server that cannot be used, and which of the reasons that programs tell apart. */
export class ServerRefusalError extends StoreUnavailableError {
  override readonly code: ServerRefusal;

  constructor(code: ServerRefusal, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
