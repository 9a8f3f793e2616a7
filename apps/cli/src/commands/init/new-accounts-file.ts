/** Where the password of a new account is kept. */
export type PasswordPlace =
  | { readonly kind: "ask" }
  | { readonly kind: "env"; readonly name: string }
  /** `typed` is to be written into the file; null: the file is there, or somebody else makes it. */
  | { readonly kind: "file"; readonly path: string; readonly typed: string | null }
  | { readonly kind: "command"; readonly command: string }
  | { readonly kind: "oauth2"; readonly provider: OAuth2Provider; readonly clientId: string };

/** A provider that is known by its name. */
export type OAuth2Provider = "google" | "microsoft365";

/** What a new accounts file is to say: one account, and where the mail goes. */
export interface NewAccountsFile {
  readonly name: string;
  readonly url: string;
  readonly password: PasswordPlace;
  /** The database's URL; null: the default. */
  readonly database: string | null;
}
