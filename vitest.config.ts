import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";

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

/**
 * The files that take longest, in turn those that mostly wait (for a worker's schedule) and those that keep a core busy.
 * What is missing here runs after them, in vitest's order.
 */
const longest = [
  "packages/typeorm/test/conformance",
  "apps/worker/test/outages",
  "apps/cli/test/oauth2",
  "apps/worker/test/operator",
  "apps/cli/test/crash/killed",
  "apps/worker/test/service",
  "packages/typeorm/test/old-schema",
  "apps/worker/test/distributed/distributed",
  "apps/cli/test/many-accounts",
  "apps/worker/test/status-server",
  "packages/typeorm/test/faults",
  "apps/worker/test/same-mailbox",
  "apps/cli/test/same-mailbox",
  "packages/typeorm/test/search",
];

/** Begins with the longest: begun last, one of them would keep a single core busy at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: Parameters<BaseSequencer["sort"]>[0]) {
    const place = ({ moduleId }: (typeof files)[number]): number => {
      const found = longest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return found === -1 ? longest.length : found;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}

export default defineConfig({
  test: {
    // One MariaDB and one MySQL for all: most tests want a fresh database, not a fresh server.
    globalSetup: ["packages/testkit/src/vitest-mariadb.ts", "packages/testkit/src/vitest-mysql.ts"],
    // Most tests wait for servers and processes: on two cores one file at a time would leave them idle.
    maxWorkers: Math.max(2, availableParallelism()),
    sequence: { sequencer: LongestFirst },
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
