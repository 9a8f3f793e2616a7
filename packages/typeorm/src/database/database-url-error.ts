import { MailonceError } from "@mailonce/core";

/** A database URL that cannot be understood. The message never holds the URL: a password may stand in it. */
export class DatabaseUrlError extends MailonceError {
  constructor(message: string) {
    super("database-url", message);
  }
}
