import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { openStore } from "../src/index.ts";
import { count, table } from "./content-samples.ts";
import { onEveryDatabase } from "./databases.ts";
import { collect, contentOf, octets, sha256, streamedContent } from "./samples.ts";

onEveryDatabase("attachments", (database) => {
  /** The same octets, to be read in parts. */
  const inParts = (bytes: Uint8Array) =>
    streamedContent(bytes.length, (part, offset) => part.set(bytes.subarray(offset, offset + part.length)));

  it("are kept once, though two stores keep them at the same time", async () => {
    const options = await database.fresh();
    await using one = await openStore(options);
    await using other = await openStore(options);
    for (let round = 0; round < 10; round++) {
      const bytes = new Uint8Array(randomBytes(300_000));
      const digest = sha256(bytes);
      const kept = await Promise.all([
        one.contents.keepAttachment(digest, contentOf(bytes)),
        other.contents.keepAttachment(digest, inParts(bytes)),
        one.contents.keepAttachment(digest, inParts(bytes)),
        other.contents.keepAttachment(digest, contentOf(bytes)),
      ]);
      expect(kept.filter((isNew) => isNew)).toHaveLength(1);
      const read = Buffer.concat(await collect(other.contents.attachmentContent(digest)));
      expect(read.equals(bytes)).toBe(true);
      expect(await count(one, "attachment")).toBe(round + 1);
      expect(await count(one, "attachment_chunk")).toBe(2 * (round + 1));
    }
  });

  it("may be empty, or large, and are told to be damaged where octets are missing", async () => {
    const store = await database.open();
    await store.contents.keepAttachment(sha256(""), contentOf(octets("")));
    expect(await collect(store.contents.attachmentContent(sha256("")))).toEqual([]);
    const large = new Uint8Array(randomBytes(5_000_000));
    const digest = sha256(large);
    await store.contents.keepAttachment(digest, inParts(large));
    expect(Buffer.concat(await collect(store.contents.attachmentContent(digest))).equals(large)).toBe(true);
    await store.dataSource.query(`DELETE FROM ${table(store, "attachment_chunk")} WHERE seq = 9`);
    await expect(collect(store.contents.attachmentContent(digest))).rejects.toMatchObject({
      code: "attachment-damaged",
      message: expect.stringMatching(/lacks \d+ octets/),
    });
  });

  it("that are others than their digest says, or shorter, or break off, are not kept", async () => {
    const store = await database.open();
    const bytes = new Uint8Array(randomBytes(600_000));
    const broken = { ...inParts(bytes), read: () => breakingOff(bytes) };
    for (const [digest, content] of [
      [sha256("a"), contentOf(octets("b"))],
      [sha256("a"), inParts(bytes)],
      [sha256(bytes), { ...inParts(bytes), octets: 600_001 }],
    ] as const)
      await expect(store.contents.keepAttachment(digest, content)).rejects.toMatchObject({
        code: "content-changed",
      });
    await expect(store.contents.keepAttachment(sha256(bytes), broken)).rejects.toThrow(/broke off/);
    expect(await count(store, "attachment")).toBe(0);
    expect(await count(store, "attachment_chunk")).toBe(0);
    expect(await store.contents.keepAttachment(sha256(bytes), inParts(bytes))).toBe(true);
  });

  async function* breakingOff(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 500_000);
    throw new Error("The message broke off.");
  }
});
