/** Why a message's content could not be read. */
export class ReaderError extends Error {
  /**
   * `message`: the message made the reader throw, die, run out of memory or take too long. `reader`: there is no reader,
   * because it could not start; no message is to blame.
   */
  readonly fault: "message" | "reader";

  constructor(fault: ReaderError["fault"], reason: string, cause?: unknown) {
    super(reason, { cause });
    this.name = new.target.name;
    this.fault = fault;
  }
}
