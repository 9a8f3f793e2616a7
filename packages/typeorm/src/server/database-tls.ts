import path from "node:path";
import { type DatabaseTls, type DatabaseTlsMode, decodePart } from "../database/database-address.ts";
import { DatabaseUrlError } from "../database/database-url-error.ts";

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
    const value = decodePart(part.slice(at + 1));
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
