/** Where the password of the new account is kept. */
export type PasswordWish =
  | { readonly kind: "ask" }
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "command"; readonly command: string }
  | { readonly kind: "oauth2"; readonly provider: "google" | "microsoft365"; readonly clientId: string };

/** What an accounts file is to say. */
export interface InitWishes {
  readonly name: string;
  readonly url: string;
  readonly password: PasswordWish;
  /** Null: the default. */
  readonly database: string | null;
}
