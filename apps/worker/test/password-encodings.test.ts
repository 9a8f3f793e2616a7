import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const program = join(import.meta.dirname, "../bin/mailonce-worker.js");

test.each([
  ["MAILONCE_PASSWORD", "the password of ann@127.0.0.1:9"],
  ["MAILONCE_PASSWORD_1", "the password of ann@127.0.0.1:9"],
  ["MAILONCE_DATABASE_PASSWORD", "the database's password"],
  ["MAILONCE_QUEUE", "the queue's URL"],
])("the worker does not begin with a secret in latin-1, %s, and says so", (variable, what) => {
  // Node cannot give a process octets that are no UTF-8.
  const script = `${variable}=$(printf 'redis://:gr\\374n@127.0.0.1:9'); export ${variable}; exec "$0" "$@"`;
  const { status, stdout } = spawnSync("sh", ["-c", script, process.execPath, program], {
    env: {
      PATH: process.env["PATH"],
      MAILONCE_ACCOUNTS: "pop3://ann@127.0.0.1:9?tls=none",
      MAILONCE_PASSWORD: "secret",
      MAILONCE_DATABASE: "mysql://joe@127.0.0.1:9/mail",
    },
    encoding: "utf8",
  });
  expect(status, stdout).toBe(78);
  expect(stdout).toContain(`${what}: the environment variable ${variable} is no text in UTF-8`);
  expect(stdout).not.toContain("redis:");
});
