import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// Tests run on the sources: the condition stands in every package's exports.
const source = {
  resolve: { conditions: ["@mailonce/source"] },
  ssr: { resolve: { conditions: ["@mailonce/source"] } },
};

const folders = [
  "packages/pop3",
  "packages/core",
  "packages/content",
  "packages/typeorm",
  "packages/runtime",
  "packages/testkit",
  "apps/cli",
  "apps/worker",
  "scripts",
];

export default defineConfig({
  test: {
    // One MariaDB and one MySQL for all: most tests want a fresh database, not a fresh server.
    globalSetup: ["packages/testkit/src/vitest-mariadb.ts", "packages/testkit/src/vitest-mysql.ts"],
    // Most tests wait for servers and processes: on two cores one file at a time would leave them idle.
    maxWorkers: Math.max(2, availableParallelism()),
    projects: folders.map((root) => ({
      ...source,
      root,
      test: {
        name: root,
        include: ["test/**/*.test.ts"],
        testTimeout: 60_000,
        hookTimeout: 60_000,
      },
    })),
  },
});
