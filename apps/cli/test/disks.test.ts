import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { startPop3Server } from "@mailonce/testkit";
import { beforeAll, describe, expect, it } from "vitest";
import { BIN, build, User } from "./mailonce.ts";

beforeAll(build, 180_000);

const MOUNT = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"';

/** Runs a command where this folder is mounted read-only. */
async function withReadOnly(folder: string, command: readonly string[], env: NodeJS.ProcessEnv = {}) {
  try {
    const { stdout } = await promisify(execFile)(
      "unshare",
      ["-rm", "sh", "-c", MOUNT, "sh", folder, ...command],
      {
        env: { PATH: process.env["PATH"], ...env },
      },
    );
    return { code: 0, stdout, stderr: "" };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

const mayMount = spawnSync("unshare", ["-rm", "sh", "-c", MOUNT, "sh", "/tmp", "true"]).status === 0;

const SMALL =
  'mount -t tmpfs -o size=4k none "$1" && shift && "$@"; echo "exit code $?"; ls -A "$HOME/.config/mailonce"';

/** Runs a command where this folder is on a disk that is too small, and again when it has room. */
const GROWING = `mount -t tmpfs -o size=64k none "$1" && folder=$1 && shift && "$@"; echo "exit code $?"
  mount -o remount,size=16m "$folder" && "$@"; echo "exit code $?"; grep -c "^Subject: " "$folder/new.mbox"`;

describe.skipIf(!mayMount)("on a full disk", () => {
  it("init writes nothing rather than half a file", async () => {
    await using user = new User();
    const command = [process.execPath, BIN, "init", "--url", "pop3s://joe@mail.example.org"];
    const { stdout, stderr } = spawnSync("unshare", ["-rm", "sh", "-c", SMALL, "sh", user.home, ...command], {
      env: { PATH: process.env["PATH"], HOME: user.home },
      encoding: "utf8",
    });
    expect(stderr).toMatch(/^mailonce: \S+mailonce\.schema\.json cannot be written \(the disk is full\)\n$/);
    expect(stdout).toBe("exit code 73\n");
  });

  it("an export says that the disk is full, and writes what is missing when there is room", async () => {
    await using server = await startPop3Server();
    server.maildrop.deliverAll(
      Array.from({ length: 300 }, (_, n) =>
        Buffer.from(`Subject: number ${n}\r\n\r\n${"x".repeat(900)}\r\n`),
      ),
    );
    await using user = new User();
    expect(await user.run(["fetch", `pop3://alice@127.0.0.1:${server.port}?tls=none`])).toMatchObject({
      code: 0,
    });
    const folder = join(user.home, "small");
    mkdirSync(folder);
    const command = [process.execPath, BIN, "export", "--format", "mbox", "--to", join(folder, "new.mbox")];
    const { stdout, stderr } = spawnSync(
      "unshare",
      ["-rm", "sh", "-c", GROWING, "sh", folder, ...command, "--new", "nightly"],
      { env: { ...process.env, HOME: user.home }, encoding: "utf8" },
    );
    expect(stderr).toMatch(/^mailonce: cannot write \S+new\.mbox: the disk is full\n$/);
    expect(stdout).toMatch(/^exit code 73\n\d+ messages written to \S+\nexit code 0\n300\n$/);
  });

  it("a fetch says that the disk is full", async () => {
    await using server = await startPop3Server();
    await using user = new User();
    const url = `pop3://alice@127.0.0.1:${server.port}?tls=none`;
    const command = [
      "unshare",
      "-rm",
      "sh",
      "-c",
      SMALL,
      "sh",
      user.home,
      process.execPath,
      BIN,
      "fetch",
      url,
    ];
    const { stdout, stderr } = await promisify(execFile)(command[0] ?? "", command.slice(1), {
      env: { PATH: process.env["PATH"], HOME: user.home, MAILONCE_PASSWORD: "secret" },
    }).catch((error: { stdout: string; stderr: string }) => error);
    expect(stderr).toContain("is full: make room on its disk.\n");
    expect(stdout).toContain("exit code 69\n");
  });
});

describe.skipIf(!mayMount)("an SQLite database on a file system that is mounted read-only", () => {
  it("is read; nothing is stored in it", async () => {
    await using server = await startPop3Server();
    server.maildrop.deliverAll([Buffer.from("Subject: kept\r\n\r\nbody\r\n")]);
    await using user = new User();
    const url = `pop3://alice@127.0.0.1:${server.port}?tls=none`;
    expect(await user.run(["fetch", url])).toMatchObject({ code: 0 });
    const folder = dirname(user.database);
    const files = readdirSync(folder);
    const run = (...parameters: readonly string[]) =>
      withReadOnly(folder, [process.execPath, BIN, ...parameters], {
        HOME: user.home,
        MAILONCE_PASSWORD: "secret",
      });
    const listed = await run("list");
    expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining("kept") });
    const id = /^[0-9a-f]{12}/m.exec(listed.stdout)?.[0] ?? "";
    expect(await run("show", "--raw", id)).toMatchObject({
      code: 0,
      stdout: "Subject: kept\r\n\r\nbody\r\n",
    });
    expect(await run("check", url)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("0 new, 1 known"),
    });
    expect(await run("fetch", url)).toMatchObject({
      code: 69,
      stderr: expect.stringContaining("is read-only"),
    });
    expect(readdirSync(folder)).toEqual(files);
  });
});

it("a working directory that somebody has removed is called that", async () => {
  await using user = new User();
  const { status, stderr } = spawnSync(
    "sh",
    ["-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh", process.execPath, BIN, "list"],
    { cwd: user.home, env: { PATH: process.env["PATH"], HOME: user.home }, encoding: "utf8" },
  );
  expect(status).toBe(2);
  expect(stderr).toContain("mailonce: the working directory is gone: change to another one\n");
});
