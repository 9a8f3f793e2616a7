import path from "node:path";
import { DatabaseUrlError } from "../database/database-url-error.ts";

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

const PARAMETERS: ReadonlySet<string> = new Set(["tls", "ca", "cert", "key"]);

/**
 * What follows the `?` of a server's URL; null where it asks for no encryption.
 *
 * What contradicts itself is refused rather than read as less protection than somebody meant.
 * @throws DatabaseUrlError
 */
export function readDatabaseTls(query: string): DatabaseTls | null {
  const given = parametersOf(query);
  const mode = readMode(given.get("tls"));
  const ca = given.get("ca") ?? null;
  const cert = given.get("cert") ?? null;
  const key = given.get("key") ?? null;
  if (mode === null) {
    if (ca !== null || cert !== null || key !== null)
      throw new DatabaseUrlError(
        "In the database URL ca, cert and key need tls=verify, or another tls= that encrypts.",
      );
    return null;
  }
  if (mode === "required" && ca !== null)
    throw new DatabaseUrlError(
      "In the database URL tls=required looks at no certificate, so that ca would be of no use: write tls=verify.",
    );
  if (mode === "verify-ca" && ca === null)
    throw new DatabaseUrlError(
      "In the database URL tls=verify-ca needs ca=FILE: the authority that signs for this server.",
    );
  if (cert === null || key === null) {
    if (cert !== key) throw new DatabaseUrlError("In the database URL cert and key go together.");
    return { mode, ca, client: null };
  }
  return { mode, ca, client: { cert, key } };
}

function parametersOf(query: string): ReadonlyMap<string, string> {
  const given = new Map<string, string>();
  for (const part of query.split("&").filter((text) => text !== "")) {
    const at = part.indexOf("=");
    const name = part.slice(0, Math.max(at, 0));
    if (!PARAMETERS.has(name))
      throw new DatabaseUrlError(
        "After its ? the database URL knows tls, ca, cert and key; write ? as %3F in a name or password.",
      );
    if (given.has(name)) throw new DatabaseUrlError(`The database URL says ${name} more than once.`);
    const value = decode(part.slice(at + 1));
    if (value === "") throw new DatabaseUrlError(`The database URL gives no value for ${name}.`);
    given.set(name, name === "tls" ? value : path.resolve(value));
  }
  return given;
}

function readMode(value: string | undefined): DatabaseTlsMode | null {
  switch (value) {
    case undefined:
    case "none":
      return null;
    case "required":
    case "verify-ca":
    case "verify":
      return value;
    default:
      throw new DatabaseUrlError(
        "In the database URL tls is verify, verify-ca (with ca=FILE), required (encrypted only) or none.",
      );
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new DatabaseUrlError("The database URL has a % that begins no percent-encoding; write % as %25.");
  }
}
