import { MailonceError } from "../errors.ts";

/** A query that cannot be read: where, and a sentence that says what is allowed there. */
export class CriteriaSyntaxError extends MailonceError {
  /** The query as it was given. */
  readonly query: string;
  /** Where in `query`, in UTF-16 code units from 0; its length if something is missing at the end. */
  readonly position: number;

  constructor(message: string, query: string, position: number) {
    super("criteria-syntax", message);
    this.query = query;
    this.position = position;
  }
}
