import { FieldError } from "../text/field-error.ts";

/**
 * Checks the name of an account. A name cannot be taken for a URL or for an option, and can be read aloud.
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
 * The account name that is most like a maildrop's name: `joe@mail.example.org-11000` for `joe@mail.example.org:11000`. Null
 * if none of its characters may stand in an account's name.
 */
export function accountNameOf(maildrop: string): string | null {
  const name = maildrop
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N}._@+-]+/gu, "-")
    .replace(/^[^\p{L}\p{N}]+|-+$/gu, "");
  const cut = [...name].slice(0, 100).join("");
  return isAccountName(cut) ? cut : null;
}
