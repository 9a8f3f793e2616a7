import { inject } from "vitest";
import { connectMariaDb, type MariaDbAccess } from "./servers/mariadb.ts";
import type {} from "./vitest-mariadb.ts";

/**
 * The MariaDB that the global setup `@mailonce/testkit/vitest-mariadb` started for this run. Make a database of
 * your own on it; whoever must kill or pause a server starts one with `startMariaDb`.
 * @throws Error if the global setup is not configured
 */
export function sharedMariaDb(): MariaDbAccess {
  const address = inject("mailonceMariaDb");
  if (address === undefined)
    throw new Error('vitest needs globalSetup: ["@mailonce/testkit/vitest-mariadb"]');
  return connectMariaDb(address);
}
