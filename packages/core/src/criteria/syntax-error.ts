import { MailonceError } from "../errors.ts";

/** A query cannot be read. `message` says what is wrong and what is allowed there. */
export class CriteriaSyntaxError extends MailonceError {
  /** The query as it was given. */
  readonly query: string;
  /** Where the fault is: UTF-16 code units from the query's start; the query's length if something is missing there. */
  readonly position: number;

  constructor(message: string, query: string, position: number) {
    super("criteria-syntax", message);
    this.query = query;
    this.position = position;
  }
}
