// A vitest global setup: one MariaDB for all test files of a run. In vitest's configuration:
//   globalSetup: ["@mailonce/testkit/vitest-mariadb"]
import type { TestProject } from "vitest/node";
import { type MariaDb, type MariaDbAddress, startMariaDb } from "./servers/mariadb.ts";

declare module "vitest" {
  export interface ProvidedContext {
    mailonceMariaDb: MariaDbAddress;
  }
}

let server: MariaDb | undefined;

/** Starts the server and provides its address to the test files. */
export async function setup(project: TestProject): Promise<void> {
  server = await startMariaDb();
  project.provide("mailonceMariaDb", { port: server.port, socket: server.socket });
}

/** Stops the server and removes its data. */
export async function teardown(): Promise<void> {
  await server?.stop();
}
