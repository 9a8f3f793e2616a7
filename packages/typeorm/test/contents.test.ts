import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type OpenStoreOptions, openExistingStore, openStore, type TypeormStore } from "../src/index.ts";
import { uuidToOctets } from "../src/values/uuid-octets.ts";
import { CLAIM, content, count, idsOf, makeAll, newIds, storeMessages, table } from "./content-samples.ts";
import { onEveryDatabase } from "./databases.ts";
import { collect, contentOf, nextId, octets, sha256 } from "./samples.ts";

onEveryDatabase("what is kept of messages", (database) => {
  /** A store with messages that were claimed, and their ids. */
  async function claimed(
    number: number,
  ): Promise<{ readonly store: TypeormStore; readonly ids: readonly string[] }> {
    const store = await database.open();
    await storeMessages(store, newIds(number));
    return { store, ids: idsOf(await store.contents.claim({ ...CLAIM, limit: number })) };
  }

  const part = (number: string) => ({
    ...{ number, mimeType: "application/pdf", charset: null, fileName: "Rechnung 7.pdf" },
    ...{ disposition: "attachment" as const, contentId: "<p1@x>", octets: 5_000_000_000 },
    ...{ sha256: sha256(number), use: "attachment" as const },
  });
  const address = (role: "from" | "to", text: string) => ({ role, address: text, displayName: "Ann 🎈" });

  it("is given back as it was", async () => {
    const { store, ids } = await claimed(2);
    const [id = "", other = ""] = ids;
    const full = content(id, {
      html: "<p>Grüße 日本語 🎈</p>",
      textCut: true,
      hasAttachment: true,
      inReplyTo: "<1@example.org>",
      references: ["<0@example.org>", "<1@example.org>"],
      faults: ["no end", "a charset that is none"],
      parts: [
        {
          ...part("1"),
          mimeType: "text/plain",
          charset: "utf-8",
          fileName: null,
          disposition: null,
          contentId: null,
          use: "text",
        },
        { ...part("2.1"), disposition: "inline", use: "alternative" },
        part("2.2"),
      ],
      addresses: [address("from", "Ann@Example.ORG"), address("to", "b@example.org")],
    });
    expect(await store.contents.read(id)).toBeNull();
    const before = await store.contents.present();
    await store.contents.save("t", [full, content(other, { text: null, preview: null })]);
    const read = await store.contents.read(id);
    const { madeAt, ...rest } = read ?? { madeAt: new Date(0) };
    expect(rest).toEqual({
      ...full,
      attachments: [],
      addresses: [address("from", "ann@example.org"), address("to", "b@example.org")],
    });
    expect(madeAt.getTime()).toBeGreaterThanOrEqual(before.getTime());
    expect(await store.contents.read(other)).toMatchObject({ text: null, preview: null, html: null });
    expect(await store.contents.read(nextId())).toBeNull();
  });

  it("is replaced as a whole", async () => {
    const { store, ids } = await claimed(1);
    const [id = ""] = ids;
    await store.contents.save("t", [
      content(id, { parts: [part("1"), part("2")], addresses: [address("to", "a@b"), address("to", "c@d")] }),
    ]);
    await store.contents.claim({ ...CLAIM, parser: 2 });
    await store.contents.save("t", [content(id, { parser: 2, parts: [part("3")] })]);
    expect(await store.contents.read(id)).toMatchObject({
      parser: 2,
      parts: [{ number: "3" }],
      addresses: [],
    });
    expect(await count(store, "message_part")).toBe(1);
    expect(await count(store, "message_address")).toBe(0);
  });

  it("fits into its columns, whatever the texts are", async () => {
    const { store, ids } = await claimed(3);
    const [id = "", long = "", list = ""] = ids;
    const wild = "a\0b\ud800c🎈";
    const tame = "a\uFFFDb\uFFFDc🎈";
    await store.contents.save("t", [
      content(id, {
        ...{
          text: wild,
          html: wild,
          preview: wild,
          inReplyTo: wild,
          references: [wild, "x y"],
          faults: [wild, "x\r\ny"],
        },
        parts: [{ ...part(wild), mimeType: wild, charset: wild, fileName: wild, contentId: wild }],
        addresses: [{ role: "bcc", address: wild, displayName: wild }],
      }),
      content(long, {
        ...{
          text: `x${"🎈".repeat(2_000_000)}`,
          html: "é".repeat(4_000_000),
          preview: "🎈".repeat(300),
          inReplyTo: "i".repeat(2000),
        },
        parts: [
          {
            ...part("1".repeat(500)),
            mimeType: "m".repeat(500),
            charset: "c".repeat(500),
            fileName: "🎈".repeat(2000),
            contentId: "i".repeat(2000),
          },
        ],
        addresses: [{ role: "from", address: "Ä".repeat(500), displayName: "🎈".repeat(1000) }],
      }),
      content(list, {
        references: Array.from({ length: 20_000 }, (_, n) => `<${n}@example.org>`),
        faults: Array.from({ length: 20_000 }, (_, n) => `fault ${n} 🎈`),
      }),
    ]);
    expect(await store.contents.read(id)).toMatchObject({
      ...{
        text: tame,
        html: tame,
        preview: tame,
        inReplyTo: tame,
        references: [tame, "xy"],
        faults: [tame, "x y"],
      },
      textCut: false,
      parts: [{ number: tame, mimeType: tame, charset: tame, fileName: tame, contentId: tame }],
      addresses: [{ address: tame, displayName: tame }],
    });
    const cut = await store.contents.read(long);
    expect(cut).toMatchObject({
      textCut: true,
      preview: "🎈".repeat(200),
      inReplyTo: "i".repeat(500),
      parts: [{ number: "1".repeat(255), charset: "c".repeat(100), fileName: "🎈".repeat(1000) }],
      addresses: [{ address: "ä".repeat(320), displayName: "🎈".repeat(500) }],
    });
    const MOST = 3 * 1024 * 1024;
    expect(cut?.text).toBe(`x${"🎈".repeat((MOST - 4) / 4)}`);
    expect(cut?.html).toBe("é".repeat(MOST / 2));
    const lists = await store.contents.read(list);
    expect(lists?.references.length).toBeGreaterThan(10_000);
    expect(lists?.references.at(-1)).toBe(`<${(lists?.references.length ?? 0) - 1}@example.org>`);
    expect(lists?.faults.length).toBeGreaterThan(10_000);
  });

  it("goes with its message", async () => {
    const { store, ids } = await claimed(2);
    await store.contents.save(
      "t",
      ids.map((id) => content(id, { parts: [part("1")], addresses: [address("to", "a@b")] })),
    );
    const key = Buffer.from(uuidToOctets(ids[0] ?? ""));
    await store.dataSource.query(`DELETE FROM ${table(store, "_message")} WHERE id = ?`, [key]);
    for (const one of ["message_content", "message_part", "message_address", "content_state"])
      expect(await count(store, one)).toBe(1);
    expect(await store.contents.status(1)).toMatchObject({ messages: 1, made: 1 });
  });

  it("can be dropped, also while others make it, and made again", async () => {
    const { store, ids } = await claimed(700);
    const some = ids.slice(0, 650);
    await store.contents.save(
      "t",
      some.map((id) => content(id, { parts: [part("1")], addresses: [address("to", "a@b")] })),
    );
    await store.contents.fail("t", ids[650] ?? "", "no");
    await store.contents.keepAttachments(
      ["a", "b"].map((one) => ({ sha256: sha256(one), content: contentOf(octets(one)) })),
    );
    await store.contents.drop();
    for (const one of [
      "message_content",
      "message_part",
      "message_address",
      "content_state",
      "_attachment",
      "attachment_chunk",
    ])
      expect(await count(store, one)).toBe(0);
    expect(
      await store.contents.save(
        "t",
        ids.slice(660).map((id) => content(id)),
      ),
    ).toEqual([]);
    expect(await store.contents.status(1)).toMatchObject({ messages: 700, made: 0, waiting: 700 });
    await expect(collect(store.contents.attachmentContent(sha256("a")))).rejects.toMatchObject({
      code: "no-such-attachment",
    });
    const made = new Set<string>();
    const [, again] = await Promise.all([store.contents.drop(), makeAll(store, { limit: 50 })]);
    for (const id of [...again, ...(await makeAll(store))]) made.add(id);
    expect(made.size).toBe(700);
    expect(await store.contents.status(1)).toMatchObject({ made: 700, waiting: 0 });
    expect(await count(store, "message_content")).toBe(700);
    // Mail is not touched.
    expect(Buffer.concat(await collect(store.content(ids[0] ?? ""))).toString()).toContain(ids[0] ?? "");
  });

  it("is read through TypeORM's repositories, too", async () => {
    const { store, ids } = await claimed(1);
    const [id = ""] = ids;
    await store.contents.save("t", [
      content(id, { parts: [part("1")], addresses: [address("from", "ann@example.org")] }),
    ]);
    const repository = (end: string) => store.dataSource.getRepository(table(store, end));
    expect(await repository("message_content").findOneByOrFail({ messageId: id })).toMatchObject({
      ...{ preview: "Dear Ann, the meeting is on Monday.", textCut: false, parser: 1 },
    });
    expect(await repository("message_part").findOneByOrFail({ messageId: id })).toMatchObject({
      ...{ number: "1", octets: 5_000_000_000, sha256: sha256("1"), use: "attachment" },
    });
    expect(await repository("message_address").findBy({ address: "ann@example.org" })).toHaveLength(1);
    expect(await repository("message_address").findBy({ address: "änn@example.org" })).toEqual([]);
    expect(await repository("content_state").findOneByOrFail({ messageId: id })).toMatchObject({
      state: "made",
    });
  });
});

describe("derived rows of an older version's store", () => {
  onEveryDatabase("which knows of none", (database) => {
    async function older(): Promise<{ readonly options: OpenStoreOptions; readonly id: string }> {
      const options = await database.fresh();
      await using store = await openStore(options);
      const [id = ""] = await storeMessages(store, newIds(1));
      await store.dataSource.undoLastMigration({ transaction: "none" });
      return { options, id };
    }

    it("are missing to who reads it, and made by who writes", async () => {
      const { options, id } = await older();
      {
        await using store = await openExistingStore(options);
        if (store === null) throw new Error("There is no store.");
        expect(store.schema?.state).toBe("outdated");
        expect(await store.contents.read(id)).toBeNull();
        expect(await store.contents.status(1)).toEqual({
          ...{ messages: 1, made: 0, outdated: 0, waiting: 1, claimed: 0, failed: 0 },
        });
        await expect(collect(store.contents.attachmentContent(sha256("a")))).rejects.toMatchObject({
          code: "no-such-attachment",
        });
      }
      await using store = await openStore(options);
      expect(await makeAll(store, { token: randomUUID() })).toEqual([id]);
    });
  });
});
