import type { ExitCode } from "./exit-code.ts";

/** An error that says itself how the command ends. Its message is a sentence for people and holds no secret. */
export class FailureError extends Error {
  /** Stable, lower case with hyphens. */
  readonly code: string;
  readonly exitCode: ExitCode;

  constructor(code: string, message: string, exitCode: ExitCode, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.exitCode = exitCode;
  }
}

/** An account's URL that cannot be used as it is written. The message never repeats a part that may be secret. */
export class AccountUrlError extends FailureError {
  constructor(message: string) {
    super("account-url", message, 2);
  }
}
