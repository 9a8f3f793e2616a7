import { FieldError } from "../text/field-error.ts";

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

/**
 * The account's name that comes nearest to a maildrop's: `joe@mail.example.org-11000` for `joe@mail.example.org:11000`. Null
 * if nothing of it can stand in one.
 */
export function accountNameOf(maildrop: string): string | null {
  const name = maildrop
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N}._@+-]+/gu, "-")
    .replace(/^[^\p{L}\p{N}]+|-+$/gu, "");
  const cut = [...name].slice(0, 100).join("");
  return isAccountName(cut) ? cut : null;
}
