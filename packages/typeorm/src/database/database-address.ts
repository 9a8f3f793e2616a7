import { DatabaseUrlError } from "./database-url-error.ts";

/** Where a store lives, as its URL says. */
export type DatabaseAddress =
  | { readonly kind: "sqlite"; readonly file: string }
  | ({ readonly kind: "server" } & ServerAddress);

/** Where a database server is, who logs in, and how the connection is protected. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Null if the URL has none. */
  readonly password: string | null;
  readonly database: string;
  /** Absent: the connection is not encrypted. */
  readonly tls?: DatabaseTls;
}

/**
 * How much of TLS is asked for. Whichever it is, a server that does not offer it is refused before anything is sent.
 *
 * - `required`: the connection is encrypted. The certificate is not looked at, so whoever can put himself in between can
 *   pose as the server.
 * - `verify-ca`: the certificate comes from an authority in `ca`. For whom it was made is not looked at: right where that
 *   authority signs for this server alone (MySQL's own certificates, some hosted databases).
 * - `verify`: besides, it was made for the host in the URL. Without `ca` it must come from one of the authorities that
 *   Node trusts.
 */
export type DatabaseTlsMode = "required" | "verify-ca" | "verify";

/** How the connection to a server is protected. The files hold PEM and are named by absolute paths. */
export interface DatabaseTls {
  readonly mode: DatabaseTlsMode;
  /** Who may have signed the server's certificate, and nobody else; null: Node's own list. */
  readonly ca: string | null;
  /** The client's own certificate, for accounts that want one (REQUIRE X509), with the key to it. */
  readonly client: { readonly cert: string; readonly key: string } | null;
}

/** A part of a URL without its percent-encoding. @throws DatabaseUrlError */
export function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new DatabaseUrlError("The database URL has a % that begins no percent-encoding; write % as %25.");
  }
}
