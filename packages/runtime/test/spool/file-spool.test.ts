import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Content } from "@mailonce/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FileSpool } from "../../src/spool/file-spool.ts";

let parent = "";
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "spool-test-"));
});
afterEach(() => rm(parent, { recursive: true }));

/** What a content gives, as one. */
async function octetsOf(content: Content): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const octets of content.read()) read.push(Uint8Array.from(octets));
  return Buffer.concat(read);
}

/** The same, read synchronously: each chunk is copied before the next one is asked for. */
function octetsAtOnce(content: Content): Buffer {
  const read: Uint8Array[] = [];
  for (const octets of content.readSync?.() ?? []) read.push(Uint8Array.from(octets));
  return Buffer.concat(read);
}

async function spooled(spool: FileSpool, octets: Buffer, piece: number): Promise<Content> {
  const writer = await spool.create();
  for (let from = 0; from < octets.length; from += piece)
    await writer.write(Buffer.from(octets.subarray(from, from + piece)));
  return writer.finish();
}

it("keeps large messages in memory as long as all that wait have room there, and the others in files", async () => {
  await using spool = new FileSpool(parent, 1024 * 1024);
  const mails = [700_000, 300_000, 2_000_000, 1, 0].map((length) => randomBytes(length));
  const contents: Content[] = [];
  for (const mail of mails) contents.push(await spooled(spool, mail, 65_536));
  const [folder = ""] = await readdir(parent);
  // Four blocks are lent at most: the first message takes three, the last but one the fourth.
  expect((await readdir(join(parent, folder))).length).toBe(2);
  for (const [index, content] of contents.entries()) {
    expect(content.octets).toBe(mails[index]?.length);
    expect((await octetsOf(content)).equals(mails[index] ?? Buffer.alloc(0))).toBe(true);
    expect(octetsAtOnce(content).equals(mails[index] ?? Buffer.alloc(0))).toBe(true);
  }

  for (const content of contents) await content.discard();
  await contents[0]?.discard();
  expect(await readdir(join(parent, folder))).toEqual([]);
  const [first, second] = [randomBytes(500_000), randomBytes(500_000)];
  const again = [await spooled(spool, first, 100_000), await spooled(spool, second, 7)];
  expect(await readdir(join(parent, folder))).toEqual([]);
  expect((await octetsOf(again[0] as Content)).equals(first)).toBe(true);
  expect((await octetsOf(again[1] as Content)).equals(second)).toBe(true);
});

it("puts a message that needs more than all memory into a file, and has that memory for others again", async () => {
  await using spool = new FileSpool(parent, 512 * 1024);
  for (const length of [2_000_000, 400_000, 2_000_000]) {
    const mail = randomBytes(length);
    const content = await spooled(spool, mail, 65_536);
    const [folder = ""] = await readdir(parent);
    expect((await readdir(join(parent, folder))).length).toBe(length > 512 * 1024 ? 1 : 0);
    expect((await octetsOf(content)).equals(mail)).toBe(true);
    expect(octetsAtOnce(content).equals(mail)).toBe(true);
    await content.discard();
  }
});

it("has room again for what was given up under way", async () => {
  await using spool = new FileSpool(parent, 512 * 1024);
  for (let time = 0; time < 5; time++) {
    const writer = await spool.create();
    await writer.write(randomBytes(400_000));
    await writer.discard();
    await writer.discard();
  }
  expect(await readdir(parent)).toEqual([]);
});

it("keeps a message's octets in a file that only its owner can read, until it is discarded", async () => {
  await using spool = new FileSpool(parent, 0);
  const writer = await spool.create();
  const chunk = Buffer.from("Subject: a\r\n");
  await writer.write(chunk);
  chunk.fill(0);
  await writer.write(Buffer.from("\r\n\0\xff", "latin1"));
  const content = await writer.finish();

  const [folder = ""] = await readdir(parent);
  expect((await stat(join(parent, folder))).mode & 0o777).toBe(0o700);
  const [file = ""] = await readdir(join(parent, folder));
  expect((await stat(join(parent, folder, file))).mode & 0o777).toBe(0o600);
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
    await using spool = new FileSpool(parent, 0);
    const writer = await spool.create();
    await writer.write(Buffer.from("x"));
    await writer.discard();
    const kept = await spool.create();
    await kept.write(Buffer.from("y"));
    await kept.finish();
    const [folder = ""] = await readdir(parent);
    expect((await readdir(join(parent, folder))).length).toBe(1);
  }
  expect(await readdir(parent)).toEqual([]);
});

it("removes what a killed process left behind, but nothing of a living one or of another machine", async () => {
  {
    await using first = new FileSpool(parent, 0);
    await spooled(first, Buffer.from("a"), 1);
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
    kind: "unavailable",
    message: expect.stringContaining("TMPDIR names another"),
  });
});
