import { MailonceError } from "@mailonce/core";
import { expectOneOf } from "./arguments/expect-arguments.ts";
import type { Connector, DatabaseLocation } from "./database/connector.ts";
import type { DatabaseAddress } from "./database/database-address.ts";
import { DatabaseUrlError } from "./database/database-url-error.ts";
import type { Dialect } from "./database/dialect.ts";
import { mariadb, mysql } from "./mysql/connector.ts";
import { sqlite } from "./sqlite/connector.ts";

/** All kinds of databases, by name, which is the scheme of their URLs. A new one is its folder and its line here. */
const CONNECTORS = { mysql, mariadb, sqlite } satisfies Readonly<Record<string, Connector>>;
const SCHEMES = "sqlite:, mysql:// or mariadb://";
const DATA_SOURCES = "mysql, mariadb and better-sqlite3";

/** The kinds of databases that the store can live in. */
export type DialectName = keyof typeof CONNECTORS;

/** The dialect of this name. @throws ArgumentError */
export function dialectNamed(name: DialectName): Dialect {
  expectOneOf("dialect", Object.keys(CONNECTORS), name);
  return CONNECTORS[name].dialect;
}

/**
 * The connector for a TypeORM DataSource `type`.
 *
 * @throws MailonceError (`store-unsupported`) if the store cannot live in such databases
 */
export function connectorFor(type: string): Connector {
  const connector = Object.values(CONNECTORS).find(({ dataSourceType }) => dataSourceType === type);
  if (connector !== undefined) return connector;
  throw new MailonceError(
    "store-unsupported",
    `Mailonce stores in DataSources of the types ${DATA_SOURCES}, not ${type}.`,
  );
}

/**
 * Reads `sqlite:relative`, `sqlite:/absolute`, `sqlite:///absolute`, `mysql://user:password@host:port/db` or
 * `mariadb://…`, these two also with `?tls=…&ca=…&cert=…&key=…` (see `DatabaseTls`). All files come back absolute. Parts
 * may be percent-encoded.
 *
 * @throws DatabaseUrlError
 */
export function parseDatabaseUrl(url: string): DatabaseAddress {
  return locateDatabase(url).address;
}

/** Where a URL leads. @throws DatabaseUrlError */
export function locateDatabase(url: string): DatabaseLocation {
  if (typeof url !== "string") throw new DatabaseUrlError("The database URL must be a text.");
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase();
  const connector = Object.entries<Connector>(CONNECTORS).find(([name]) => name === scheme)?.[1];
  if (url.includes("#") || (url.includes("?") && connector?.takesQuery !== true)) {
    throw new DatabaseUrlError(
      "The database URL must not have a query or a fragment; write ? as %3F and # as %23 in a name or password.",
    );
  }
  if (connector !== undefined) return connector.locate(url);
  throw new DatabaseUrlError(`The database URL must begin with ${SCHEMES}.`);
}
