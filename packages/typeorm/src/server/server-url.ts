import { decodePart, type ServerAddress } from "../database/database-address.ts";
import { DatabaseUrlError } from "../database/database-url-error.ts";
import { readDatabaseTls } from "./database-tls.ts";

/**
 * Reads `scheme://user:password@host:port/database`, with `?tls=…&ca=…&cert=…&key=…` if need be.
 *
 * @throws DatabaseUrlError
 */
export function readServerUrl(url: string, scheme: string, defaultPort: number): ServerAddress {
  const form = `${scheme}://user:password@host:port/database`;
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    // The URL error is no cause to keep: it holds the URL, password included.
    throw new DatabaseUrlError(`The database URL must have the form ${form}.`);
  }
  const database = decodePart(parsed.pathname.slice(1));
  if (parsed.hostname === "" || parsed.username === "") {
    throw new DatabaseUrlError(`The database URL must name a user and a host: ${form}.`);
  }
  if (database === "") throw new DatabaseUrlError(`The database URL must name the database: ${form}.`);
  if (database.includes("/")) throw new DatabaseUrlError(`The database URL has too many parts: ${form}.`);
  const tls = readDatabaseTls(parsed.search.slice(1));
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: parsed.port === "" ? defaultPort : Number(parsed.port),
    user: decodePart(parsed.username),
    password: parsed.password === "" ? null : decodePart(parsed.password),
    database,
    ...(tls === null ? {} : { tls }),
  };
}
