import path from "node:path";
import { DatabaseUrlError } from "../database/database-url-error.ts";
import { type DatabaseTls, readDatabaseTls } from "../server/database-tls.ts";

export { DatabaseUrlError } from "../database/database-url-error.ts";

/** Where a store lives, as its URL says. */
export type DatabaseAddress =
  | { readonly kind: "sqlite"; readonly file: string }
  | {
      readonly kind: "server";
      readonly host: string;
      readonly port: number;
      readonly user: string;
      /** Null if the URL has none. */
      readonly password: string | null;
      readonly database: string;
      /** Absent: the connection is not encrypted. */
      readonly tls?: DatabaseTls;
    };

/**
 * Reads `sqlite:relative`, `sqlite:/absolute`, `sqlite:///absolute`, `mysql://user:password@host:port/db` or
 * `mariadb://…`, these two also with `?tls=…&ca=…&cert=…&key=…` ({@link DatabaseTls}). All files come back absolute.
 * Parts may be percent-encoded.
 *
 * @throws DatabaseUrlError
 */
export function parseDatabaseUrl(url: string): DatabaseAddress {
  if (typeof url !== "string") throw new DatabaseUrlError("The database URL must be a text.");
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase();
  const isServer = scheme === "mysql" || scheme === "mariadb";
  if (url.includes("#") || (url.includes("?") && !isServer)) {
    throw new DatabaseUrlError(
      "The database URL must not have a query or a fragment; write ? as %3F and # as %23 in a name or password.",
    );
  }
  if (scheme === "sqlite") return parseSqlite(url.slice("sqlite:".length));
  if (isServer) return parseServer(url, scheme);
  throw new DatabaseUrlError("The database URL must begin with sqlite:, mysql:// or mariadb://.");
}

function parseSqlite(rest: string): DatabaseAddress {
  if (rest.startsWith("//") && !rest.startsWith("///")) {
    throw new DatabaseUrlError(
      "An SQLite database is a file here: write sqlite:file, or sqlite:///file from the root.",
    );
  }
  const file = decode(rest.startsWith("///") ? rest.slice(2) : rest);
  if (file === "" || file.endsWith("/")) {
    throw new DatabaseUrlError(
      "The database URL names no file: write sqlite:file, or sqlite:///file from the root.",
    );
  }
  if (file === ":memory:") {
    throw new DatabaseUrlError("An SQLite database in memory forgets which messages are known; name a file.");
  }
  return { kind: "sqlite", file: path.resolve(file) };
}

function parseServer(url: string, scheme: string): DatabaseAddress {
  const form = `${scheme}://user:password@host:port/database`;
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    // The URL error is no cause to keep: it holds the URL, password included.
    throw new DatabaseUrlError(`The database URL must have the form ${form}.`);
  }
  const database = decode(parsed.pathname.slice(1));
  if (parsed.hostname === "" || parsed.username === "") {
    throw new DatabaseUrlError(`The database URL must name a user and a host: ${form}.`);
  }
  if (database === "") throw new DatabaseUrlError(`The database URL must name the database: ${form}.`);
  if (database.includes("/")) throw new DatabaseUrlError(`The database URL has too many parts: ${form}.`);
  const tls = readDatabaseTls(parsed.search.slice(1));
  return {
    kind: "server",
    host: parsed.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: parsed.port === "" ? 3306 : Number(parsed.port),
    user: decode(parsed.username),
    password: parsed.password === "" ? null : decode(parsed.password),
    database,
    ...(tls === null ? {} : { tls }),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new DatabaseUrlError("The database URL has a % that begins no percent-encoding; write % as %25.");
  }
}
