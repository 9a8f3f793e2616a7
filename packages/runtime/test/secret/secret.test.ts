import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startPop3Server, temporaryFolder } from "@mailonce/testkit";
import { describe, expect, it } from "vitest";
import { accountOf, parseAccountUrl } from "../../src/account/account-url.ts";
import type { SecretSource } from "../../src/account/settings.ts";
import { bareAccount } from "../../src/config/defaults.ts";
import { accountOptions } from "../../src/run/account-options.ts";
import { readSecret } from "../../src/secret/secret.ts";
import { openSession } from "../../src/session/account-session.ts";
import { openToRead, readAtMost } from "../../src/system/bounded-file.ts";

const env = { PATH: process.env["PATH"], SECRET: "s3cret" };
const from = (source: SecretSource, more: Partial<Parameters<typeof readSecret>[2]> = {}): Promise<string> =>
  readSecret(source, "the password of work", { env, ...more });

describe("a secret", () => {
  it("comes from a variable, a file or a command, less one line end", async () => {
    await using folder = temporaryFolder();
    const path = join(folder.path, "password");
    writeFileSync(path, "s3cret \r\n", { mode: 0o600 });
    expect(await from({ kind: "env", name: "SECRET" })).toBe("s3cret");
    expect(await from({ kind: "file", path })).toBe("s3cret ");
    expect(await from({ kind: "command", command: "echo $SECRET" })).toBe("s3cret");
    expect(await from({ kind: "command", command: ["printf", "%s\\n", "$SECRET; true"] })).toBe(
      "$SECRET; true",
    );
  });

  it("is not taken from a file that others can read", async () => {
    await using folder = temporaryFolder();
    const path = join(folder.path, "password");
    writeFileSync(path, "s3cret\n");
    for (const mode of [0o640, 0o604, 0o644, 0o620]) {
      chmodSync(path, mode);
      await expect(from({ kind: "file", path })).rejects.toMatchObject({
        kind: "config",
        message: `the password of work: others can read the file ${path}: chmod 600 ${path}`,
      });
    }
    chmodSync(path, 0o400);
    expect(await from({ kind: "file", path })).toBe("s3cret");
  });

  it("is text in UTF-8: other octets would make another password", async () => {
    await using folder = temporaryFolder();
    const path = join(folder.path, "password");
    writeFileSync(path, Buffer.from("gr\u00fcn\n", "latin1"), { mode: 0o600 });
    await expect(from({ kind: "file", path })).rejects.toMatchObject({
      code: "secret",
      message: `the password of work: the file ${path} is no text in UTF-8`,
    });
    await expect(from({ kind: "command", command: "printf 'gr\\374n'" })).rejects.toMatchObject({
      message: "the password of work: what its command writes is no text in UTF-8",
    });
    writeFileSync(path, Buffer.from("\ufeffgrün\r\n", "utf16le"));
    await expect(from({ kind: "file", path })).rejects.toMatchObject({
      message: `the password of work: the file ${path} is text in UTF-16: save it in UTF-8`,
    });
    const seenByNode = { env: { SECRET: "gr\ufffdn" } };
    await expect(from({ kind: "env", name: "SECRET" }, seenByNode)).rejects.toMatchObject({
      message: "the password of work: the environment variable SECRET is no text in UTF-8",
    });
    for (const text of ["grün\n", "\ufeffgrün\n"]) {
      writeFileSync(path, text);
      expect(await from({ kind: "file", path })).toBe("grün");
      expect(await from({ kind: "env", name: "SECRET" }, { env: { SECRET: text } })).toBe("grün");
    }
  });

  it("of a command that fails is missing with the last line that it said; all of them are told", async () => {
    const told: string[] = [];
    const command = "echo one >&2; echo 'two\u001b[31m' >&2; echo s3cret; exit 7";
    await expect(
      from({ kind: "command", command }, { tell: (line) => told.push(line) }),
    ).rejects.toMatchObject({
      code: "secret",
      message: "the password of work: its command ended with exit code 7 (it says: two [31m)",
    });
    expect(told).toEqual(["one", "two [31m"]);
  });

  it("of a command that never ends is not waited for, though its children hold the pipes", async () => {
    const command = "sleep 5 & sleep 5";
    await expect(from({ kind: "command", command }, { commandMs: 50 })).rejects.toThrow(
      "did not end within 0.05 seconds",
    );
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(from({ kind: "command", command }, { signal })).rejects.toThrow("enough");
    const later = new AbortController();
    const asked = from(
      { kind: "command", command: "echo up >&2; exec sleep 5" },
      {
        signal: later.signal,
        tell: () => later.abort(new Error("enough of it")),
      },
    );
    await expect(asked).rejects.toThrow("enough of it");
  });

  it("of a command that never ends is given up with all that the command has started", async () => {
    await using folder = temporaryFolder();
    const started = join(folder.path, "started");
    const command = `sleep 300 & echo $! > '${started}'; echo up >&2; wait`;
    await expect(from({ kind: "command", command }, { commandMs: 500 })).rejects.toThrow(
      "did not end within",
    );
    const pid = Number(readFileSync(started, "utf8"));
    expect(pid).toBeGreaterThan(1);
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it("comes through a pipe, and one that nobody writes to is not waited for without end", async () => {
    await using folder = temporaryFolder();
    const path = join(folder.path, "pipe");
    execFileSync("mkfifo", ["-m", "600", path]);
    const writer = spawn("sh", ["-c", `{ printf s3; sleep 0.1; echo cret; } > '${path}'`]);
    const closed = once(writer, "close");
    expect(await from({ kind: "file", path })).toBe("s3cret");
    await closed;
    await using silent = await openToRead(path);
    await expect(readAtMost(silent, 100, 50)).rejects.toMatchObject({ code: "ETIMEDOUT" });
  });

  it("of a command that writes without end is cut off", async () => {
    await expect(from({ kind: "command", command: "yes" })).rejects.toThrow("writes too much for a secret");
  });
});

/** Not even as a process that has ended and that nobody has asked about. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

it("an account's options ask for the password when a session is opened, and once for all sessions", async () => {
  await using server = await startPop3Server();
  await using folder = temporaryFolder();
  const asked = join(folder.path, "asked");
  const account = accountOf(parseAccountUrl(`pop3://alice@127.0.0.1:${server.port}?tls=none`));
  const command = `echo x >> '${asked}'; echo secret`;
  const settings = {
    ...bareAccount(account),
    login: { kind: "password", source: { kind: "command", command } },
  } as const;
  const options = await accountOptions(settings, { env });
  for (let n = 0; n < 2; n++) {
    const session = await openSession(account, options);
    await session.quit();
  }
  expect(await readSecret({ kind: "command", command: `wc -l < '${asked}' | tr -d ' '` }, "x", { env })).toBe(
    "1",
  );
  expect(server.count("PASS")).toBe(2);
});
