import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FileSpool } from "../src/file-spool.ts";

let parent = "";
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "spool-test-"));
});
afterEach(() => rm(parent, { recursive: true }));

it("keeps a message's octets in a file that only its owner can read, until it is discarded", async () => {
  await using spool = new FileSpool(parent);
  const writer = await spool.create();
  const chunk = Buffer.from("Subject: a\r\n");
  await writer.write(chunk);
  chunk.fill(0);
  await writer.write(Buffer.from("\r\n\0\xff", "latin1"));
  const content = await writer.finish();

  const [folder = ""] = await readdir(parent);
  expect((await stat(join(parent, folder))).mode & 0o777).toBe(0o700);
  expect((await stat(join(parent, folder, "0"))).mode & 0o777).toBe(0o600);
  expect(content.octets).toBe(16);
  expect(content.bytes).toBeNull();
  for (const _time of ["once", "again"]) {
    const read: Uint8Array[] = [];
    for await (const octets of content.read()) read.push(octets);
    expect(Buffer.concat(read).toString("latin1")).toBe("Subject: a\r\n\r\n\0\xff");
  }
  await content.discard();
  await content.discard();
  expect(await readdir(join(parent, folder))).toEqual([]);
});

it("leaves nothing of a message given up, and nothing at all when it is disposed of", async () => {
  {
    await using spool = new FileSpool(parent);
    const writer = await spool.create();
    await writer.write(Buffer.from("x"));
    await writer.discard();
    const kept = await spool.create();
    await kept.write(Buffer.from("y"));
    await kept.finish();
    const [folder = ""] = await readdir(parent);
    expect(await readdir(join(parent, folder))).toEqual(["1"]);
  }
  expect(await readdir(parent)).toEqual([]);
});

it("removes what a killed process left behind, but nothing of a living one or of another machine", async () => {
  {
    await using first = new FileSpool(parent);
    await (await first.create()).finish();
    const [mine = ""] = await readdir(parent);
    const withPid = (pid: number): string => join(parent, mine.replace(`-${process.pid}-`, `-${pid}-`));
    const deadPid = Number(execFileSync(process.execPath, ["-p", "process.pid"]));
    await mkdir(withPid(deadPid));
    await mkdir(withPid(1));
    await mkdir(join(parent, `mailonce-spool-another00000-${deadPid}-abcdef`));

    await using second = new FileSpool(parent);
    await (await second.create()).discard();
    const left = await readdir(parent);
    expect(left).toContain(mine);
    expect(left.filter((name) => name.includes(`-${deadPid}-`))).toEqual([
      `mailonce-spool-another00000-${deadPid}-abcdef`,
    ]);
    expect(left.some((name) => name.includes("-1-"))).toBe(true);
  }
  expect((await readdir(parent)).length).toBe(2);
});

it("says what to do where the temporary folder cannot be written", async () => {
  await using spool = new FileSpool(join(parent, "missing"));
  await expect(spool.create()).rejects.toMatchObject({
    exitCode: 69,
    message: expect.stringContaining("TMPDIR names another"),
  });
});
