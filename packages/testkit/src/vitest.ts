import { inject } from "vitest";
import { connectMariaDb, type MariaDbAccess, type MariaDbAddress } from "./servers/mariadb.ts";
import type {} from "./vitest-mariadb.ts";

/**
 * The MariaDB that the global setup `vitest-mariadb.ts` started for this run. Make a database of your own on it;
 * whoever must kill or pause a server starts one with `startMariaDb`.
 * @throws Error if the global setup is not configured, or could not start the server
 */
export function sharedMariaDb(): MariaDbAccess {
  const provided: MariaDbAddress | { readonly failure: string } | undefined = inject("mailonceMariaDb");
  if (provided === undefined) {
    throw new Error('vitest.config.ts needs globalSetup: ["packages/testkit/src/vitest-mariadb.ts"]');
  }
  if ("failure" in provided) throw new Error(provided.failure);
  return connectMariaDb(provided);
}
