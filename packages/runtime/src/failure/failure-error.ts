import type { FailureKind } from "./failure-kind.ts";

/** An error that says of which kind it is. Its message is a sentence for people and holds no secret. */
export class FailureError extends Error {
  /** Stable, lower case with hyphens. */
  readonly code: string;
  readonly kind: FailureKind;
  /** Further lines for people, such as what an ambiguous id may mean. No secrets. */
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

  /** What is shown to people: one line or more. */
  get lines(): readonly string[] {
    return [this.message];
  }
}
