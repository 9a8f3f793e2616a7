// A vitest global setup: where MAILONCE_TEST_MYSQLD names a mysqld, one MySQL for all test files of a run, whose URL they
// find in MAILONCE_TEST_MYSQL_URL. A URL that stands there already is left as it is.
import { type MySql, startMySql } from "./servers/mysql.ts";

let server: MySql | undefined;

/** Starts the server. */
export async function setup(): Promise<void> {
  const program = process.env["MAILONCE_TEST_MYSQLD"];
  if (program === undefined || process.env["MAILONCE_TEST_MYSQL_URL"] !== undefined) return;
  server = await startMySql(program);
  process.env["MAILONCE_TEST_MYSQL_URL"] = server.url;
}

/** Stops the server and removes its data. */
export async function teardown(): Promise<void> {
  await server?.[Symbol.asyncDispose]();
}
