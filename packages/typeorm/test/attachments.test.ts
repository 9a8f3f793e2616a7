import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { openStore, type TypeormStore } from "../src/index.ts";
import { uuidToOctets } from "../src/values/uuid-octets.ts";
import { CLAIM, content, count, idsOf, makeAll, newIds, storeMessages, table } from "./content-samples.ts";
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
      const small = { sha256: sha256(digest), content: contentOf(digest) };
      expect(await one.contents.missingAttachments([digest, sha256(digest), digest])).toHaveLength(2);
      const kept = await Promise.all([
        one.contents.keepAttachments([small, { sha256: digest, content: contentOf(bytes) }]),
        other.contents.keepAttachments([{ sha256: digest, content: inParts(bytes) }, small]),
        one.contents.keepAttachments([{ sha256: digest, content: inParts(bytes) }]),
        other.contents.keepAttachments([{ sha256: digest, content: contentOf(bytes) }]),
      ]);
      expect(kept.reduce((sum, count) => sum + count)).toBe(2);
      const read = Buffer.concat(await collect(other.contents.attachmentContent(digest)));
      expect(read.equals(bytes)).toBe(true);
      expect(await one.contents.missingAttachments([digest, sha256(digest)])).toEqual([]);
      expect(await count(one, "_attachment")).toBe(2 * (round + 1));
      expect(await count(one, "attachment_chunk")).toBe(3 * (round + 1));
      const status = { attachments: 2 * (round + 1), octets: 300_032 * (round + 1) };
      expect(await one.contents.attachmentStatus()).toEqual(status);
    }
  });

  it("may be empty, or large, and are told to be damaged where octets are missing", async () => {
    const store = await database.open();
    await store.contents.keepAttachments([{ sha256: sha256(""), content: contentOf(octets("")) }]);
    expect(await collect(store.contents.attachmentContent(sha256("")))).toEqual([]);
    const large = new Uint8Array(randomBytes(5_000_000));
    const digest = sha256(large);
    await store.contents.keepAttachments([{ sha256: digest, content: inParts(large) }]);
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
      await expect(
        store.contents.keepAttachments([
          { sha256: sha256("good"), content: contentOf(octets("good")) },
          { sha256: digest, content },
        ]),
      ).rejects.toMatchObject({ code: "content-changed" });
    const half = [{ sha256: sha256(bytes), content: broken }];
    await expect(store.contents.keepAttachments(half)).rejects.toThrow(/broke off/);
    expect(await count(store, "_attachment")).toBe(0);
    expect(await count(store, "attachment_chunk")).toBe(0);
    const whole = [{ sha256: sha256(bytes), content: inParts(bytes) }];
    expect(await store.contents.keepAttachments(whole)).toBe(1);
  });

  const keep = (store: TypeormStore, ...texts: readonly string[]) =>
    store.contents.keepAttachments(
      texts.map((text) => ({ sha256: sha256(text), content: contentOf(octets(text)) })),
    );

  it("are claimed for messages that were made without them, once", async () => {
    const store = await database.open();
    await storeMessages(store, newIds(3));
    const [with1 = "", without = "", none = ""] = await makeAll(store);
    expect(await store.contents.status(1)).toMatchObject({ made: 3, waiting: 0, outdated: 0 });
    expect(await store.contents.status(1, true)).toMatchObject({ made: 0, waiting: 3, outdated: 3 });
    const wanting = { ...CLAIM, attachments: true };
    expect(new Set(idsOf(await store.contents.claim(wanting)))).toEqual(new Set([with1, without, none]));
    await keep(store, "a");
    await store.contents.save("t", [
      content(with1, { attachments: [sha256("a"), sha256("a")] }),
      content(none, { attachments: [] }),
      content(without),
    ]);
    expect(await store.contents.read(with1)).toMatchObject({ attachments: [sha256("a")] });
    expect(await store.contents.status(1, true)).toMatchObject({ made: 2, waiting: 1, outdated: 1 });
    expect(await store.contents.claim(CLAIM)).toEqual([]);
    // Who does not want them leaves them alone, and so does who wants them, unless all is made anew.
    expect(idsOf(await store.contents.claim(wanting))).toEqual([without]);
    await store.contents.save("t", [content(without, { attachments: [] })]);
    expect(await store.contents.claim(wanting)).toEqual([]);
    expect(
      await store.contents.claim({ ...CLAIM, rebuildBefore: new Date(Date.now() + 60_000) }),
    ).toHaveLength(3);
    await store.contents.release("t");
    expect(await makeAll(store, { parser: 2 })).toHaveLength(3);
    expect(await count(store, "message_attachment")).toBe(0);
    expect(await store.contents.status(2, true)).toMatchObject({ made: 0, waiting: 3, outdated: 3 });
  });

  it("stay as long as a message has them, and are dropped afterwards", async () => {
    const store = await database.open();
    await storeMessages(store, newIds(2));
    const [one = "", two = ""] = idsOf(await store.contents.claim(CLAIM));
    await keep(store, "a", "b", "c");
    await store.contents.save("t", [
      content(one, { attachments: [sha256("a"), sha256("b")] }),
      content(two, { attachments: [sha256("b")] }),
    ]);
    expect(await store.contents.dropUnusedAttachments()).toBe(1);
    expect(await store.contents.missingAttachments(["a", "b", "c"].map(sha256))).toEqual([sha256("c")]);
    const key = Buffer.from(uuidToOctets(one));
    await store.dataSource.query(`DELETE FROM ${table(store, "_message")} WHERE id = ?`, [key]);
    expect(await store.contents.dropUnusedAttachments()).toBe(1);
    expect(await store.contents.dropUnusedAttachments()).toBe(0);
    expect(await store.contents.missingAttachments(["a", "b"].map(sha256))).toEqual([sha256("a")]);
    await store.contents.drop();
    expect(await store.contents.attachmentStatus()).toEqual({ attachments: 0, octets: 0 });
    expect(await count(store, "message_attachment")).toBe(0);
  });

  it("that were dropped before their message was saved have it made again", async () => {
    const store = await database.open();
    await storeMessages(store, newIds(2));
    const [one = "", two = ""] = idsOf(await store.contents.claim(CLAIM));
    await keep(store, "a");
    await store.contents.dropUnusedAttachments();
    expect(
      await store.contents.save("t", [content(one, { attachments: [sha256("a")] }), content(two)]),
    ).toEqual([two]);
    expect(await store.contents.read(one)).toBeNull();
    expect(await store.contents.claim(CLAIM)).toMatchObject([{ id: one, attempts: 0 }]);
  });

  it("are there for every message, whoever drops unused ones at the same time", async () => {
    const options = await database.fresh();
    await using one = await openStore(options);
    await using other = await openStore(options);
    await storeMessages(one, newIds(20));
    let isOver = false;
    const dropping = (async () => {
      while (!isOver) {
        await other.contents.dropUnusedAttachments();
        await new Promise(setImmediate);
      }
    })();
    for (;;) {
      const [claimed] = await one.contents.claim({ ...CLAIM, limit: 1 });
      if (claimed === undefined) break;
      const text = claimed.id.slice(-1);
      await keep(one, text);
      await one.contents.save("t", [content(claimed.id, { attachments: [sha256(text)] })]);
    }
    isOver = true;
    await dropping;
    const [row] = await one.dataSource.query(
      `SELECT COUNT(*) AS number FROM ${table(one, "message_attachment")} r
       JOIN ${table(one, "_attachment")} a ON a.sha256 = r.sha256`,
    );
    expect(Number(row.number)).toBe(20);
  });

  async function* breakingOff(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 500_000);
    throw new Error("The message broke off.");
  }
});
