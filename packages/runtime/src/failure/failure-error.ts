import type { FailureKind } from "./failure-kind.ts";

/** An error that says itself how the command ends. Its message is a sentence for people and holds no secret. */
export class FailureError extends Error {
  /** Stable, lower case with hyphens. */
  readonly code: string;
  readonly kind: FailureKind;
  /** What people need besides the message to go on, a line each: what an ambiguous id may mean, say. No secrets. */
  readonly details: readonly string[];

  constructor(
    code: string,
    message: string,
    kind: FailureKind,
    { details = [], ...options }: { readonly cause?: unknown; readonly details?: readonly string[] } = {},
  ) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.kind = kind;
    this.details = details;
  }

  /** The whole of it for people: at least one line. */
  get lines(): readonly string[] {
    return [this.message];
  }
}
