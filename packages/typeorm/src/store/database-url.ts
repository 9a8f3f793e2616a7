import type { DatabaseAddress } from "../database/database-address.ts";
import { locateDatabase } from "../dialects.ts";

export { DatabaseUrlError } from "../database/database-url-error.ts";

/**
 * Reads `sqlite:relative`, `sqlite:/absolute`, `sqlite:///absolute`, `mysql://user:password@host:port/db` or
 * `mariadb://…`, these two also with `?tls=…&ca=…&cert=…&key=…` ({@link DatabaseTls}). All files come back absolute.
 * Parts may be percent-encoded.
 *
 * @throws DatabaseUrlError
 */
export function parseDatabaseUrl(url: string): DatabaseAddress {
  return locateDatabase(url).address;
}
