import { FieldError } from "./field-error.ts";

/**
 * Checks the name of an account: what can be told from a URL and from an option, and read aloud.
 * @throws FieldError
 */
export function accountName(value: unknown): string {
  if (typeof value === "string" && isAccountName(value)) return value;
  throw new FieldError(
    "an account's name begins with a letter or digit and is made of letters, digits and . _ @ + - (at most 100)",
  );
}

/** Whether a word may be an account's name. */
export function isAccountName(word: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+-]{0,99}$/u.test(word);
}
