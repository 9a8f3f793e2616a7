// A vitest global setup: one MariaDB for all test files of a run. In the root's configuration, so that all projects
// share it: test: { globalSetup: ["packages/testkit/src/vitest-mariadb.ts"], projects: ... }
import type { TestProject } from "vitest/node";
import { type MariaDb, type MariaDbAddress, startMariaDb } from "./servers/mariadb.ts";

declare module "vitest" {
  export interface ProvidedContext {
    mailonceMariaDb: MariaDbAddress | { readonly failure: string };
  }
}

let server: MariaDb | undefined;

/** Starts the server and provides its address, or why there is none, for the test files that ask for it. */
export async function setup(project: TestProject): Promise<void> {
  try {
    server = await startMariaDb();
    project.provide("mailonceMariaDb", { port: server.port, socket: server.socket });
  } catch (error) {
    // A run without MariaDB tests need not fail for it.
    project.provide("mailonceMariaDb", { failure: String(error) });
  }
}

/** Stops the server and removes its data. */
export async function teardown(): Promise<void> {
  await server?.stop();
}
