import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { ContentReader, type ContentReaderOptions } from "../../src/content/content-reader.ts";
import { type IndexContentsOptions, indexContents } from "../../src/content/index-contents.ts";
import { storeWith } from "./stored-mail.ts";

const settings = { text: true, html: false, attachments: "stored" } as const;
const programOf = (name: string): URL => pathToFileURL(join(import.meta.dirname, name));
const readerOn = (name: string, more: Partial<ContentReaderOptions> = {}): ContentReader =>
  new ContentReader({ settings, program: programOf(name), ...more });

function options(more: Pick<IndexContentsOptions, "store" | "reader"> & Partial<IndexContentsOptions>) {
  return { parser: 1, all: true, attachments: true, ...more };
}

const sha256 = (octets: Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update(octets).digest());

function base64(octets: Buffer): string {
  return octets.toString("base64").replace(/.{76}/g, "$&\n");
}

/** A message with a text and these files. */
function mailWith(subject: string, ...files: readonly Buffer[]): string {
  const parts = files.map(
    (octets, n) =>
      `Content-Type: application/x-file; name="f${n}"\nContent-Transfer-Encoding: base64\n\n${base64(octets)}`,
  );
  const all = ["Content-Type: text/plain\n\nSee the files.", ...parts];
  return `Subject: ${subject}\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n${all.join("\n--b\n")}\n--b--\n`;
}

type Stored = Awaited<ReturnType<typeof storeWith>>["store"];

async function attachmentOf(store: Stored, octets: Uint8Array): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of store.contents.attachmentContent(sha256(octets))) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Counts how often a reader was asked for parts. */
function counted(reader: ContentReader) {
  let times = 0;
  return {
    reader: {
      read: (content: AsyncIterable<Uint8Array>) => reader.read(content),
      works: () => reader.works(),
      end: () => reader.end(),
      parts: (...[content, wanted]: Parameters<ContentReader["parts"]>) => {
        times += wanted.length;
        return reader.parts(content, wanted);
      },
    },
    wanted: () => times,
  };
}

describe("attachments that are stored", () => {
  // One for all: to start it from the sources takes its time.
  const reader = readerOn("reading-process.mjs");
  afterAll(() => reader.end());

  it("are those of the message, octet by octet, and equal ones are decoded once", async () => {
    const [large, small, empty] = [randomBytes(3_000_000), randomBytes(5000), Buffer.alloc(0)];
    await using stored = await storeWith([
      mailWith("one", large, small, empty),
      mailWith("two", small, large, small),
      "Subject: three\n\nNothing.\n",
    ]);
    const { store, ids } = stored;
    const { reader: watched, wanted } = counted(reader);
    expect(await indexContents(options({ store, reader: watched }))).toEqual({ indexed: 3, unreadable: [] });
    expect(wanted()).toBe(3);
    for (const octets of [large, small, empty]) {
      expect((await attachmentOf(store, octets)).equals(octets)).toBe(true);
    }
    expect(await store.contents.attachmentStatus()).toEqual({ attachments: 3, octets: 3_005_000 });
    const kept = await Promise.all(
      ids.map(async (id) => (await store.contents.read(id))?.attachments.length),
    );
    expect(kept).toEqual([3, 2, 0]);
  });

  it("are made for messages that were read without them, and only for those that have some", async () => {
    await using stored = await storeWith([mailWith("one", randomBytes(100)), "Subject: two\n\nNothing.\n"]);
    const { store } = stored;
    expect((await indexContents(options({ store, reader, attachments: false }))).indexed).toBe(2);
    expect(await store.contents.attachmentStatus()).toMatchObject({ attachments: 0 });
    expect((await indexContents(options({ store, reader, attachments: false }))).indexed).toBe(0);
    expect((await indexContents(options({ store, reader }))).indexed).toBe(1);
    expect(await store.contents.attachmentStatus()).toMatchObject({ attachments: 1 });
    // Without them nothing is taken back until all is made anew.
    expect((await indexContents(options({ store, reader, attachments: false }))).indexed).toBe(0);
    const rebuildBefore = await store.contents.present();
    await indexContents(options({ store, reader, attachments: false, rebuildBefore }));
    expect(await store.contents.dropUnusedAttachments()).toBe(1);
  });

  it("are not those that are too large, nor messages in messages that come to many times the whole", async () => {
    let nested = mailWith("inmost", randomBytes(20_000));
    for (let depth = 0; depth < 10; depth++)
      nested = `Subject: ${depth}\nContent-Type: message/rfc822; name="m"\n\n${nested}`;
    const fits = randomBytes(50_000);
    await using stored = await storeWith([nested, mailWith("two", randomBytes(50_001), fits)]);
    const { store, ids } = stored;
    const done = await indexContents(options({ store, reader, mostAttachmentOctets: 50_000 }));
    expect(done).toEqual({ indexed: 2, unreadable: [] });
    expect((await store.contents.read(ids[1] ?? ""))?.attachments).toEqual([sha256(fits)]);
    const { octets } = await store.contents.attachmentStatus();
    expect(octets - fits.length).toBeGreaterThan(nested.length);
    expect(octets - fits.length).toBeLessThan(2.2 * nested.length);
  });

  it.each([
    ["throws", "throw", "thrown on purpose"],
    ["ends the process", "exit", "ended in the middle"],
    ["never ends", "hang", "longer than 1 s"],
    ["takes all memory", "memory", "more memory than is allowed"],
    ["gives less than was read before", "less", "another number of octets"],
    ["gives others than were read before", "other", "other octets"],
  ])(
    "harm nobody where the one who hands them over %s",
    async (_what, subject, reason) => {
      await using stored = await storeWith(["good file 1", `file parts ${subject}`, "good file 2"]);
      const { store, ids } = stored;
      const mostMs = subject === "hang" ? 1000 : 60_000;
      await using reader = readerOn("bad-process.mjs", { mostMs, mostMemory: 64 });
      const { indexed, unreadable } = await indexContents(options({ store, reader }));
      expect(indexed).toBe(2);
      expect(unreadable).toEqual([{ id: ids[1], reason: expect.stringContaining(reason) }]);
      expect(await store.contents.status(1, true)).toMatchObject({ made: 2, failed: 1, waiting: 0 });
      expect(await store.contents.attachmentStatus()).toMatchObject({ attachments: 2 });
      for await (const piece of store.content(ids[1] ?? "")) expect(piece.length).toBeGreaterThan(0);
    },
    60_000,
  );

  it("that nobody takes any more end the process, and the next message gets another", async () => {
    const octets = randomBytes(1_000_000);
    await using stored = await storeWith([mailWith("one", octets)]);
    const { store, ids } = stored;
    const content = (): AsyncIterable<Uint8Array> => store.content(ids[0] ?? "");
    for await (const { index } of reader.parts(content(), [{ number: "2", fileIndex: 0 }])) {
      expect(index).toBe(0);
      break;
    }
    expect((await reader.read(content())).text?.trim()).toBe("See the files.");
    let found = 0;
    for await (const piece of reader.parts(content(), [{ number: "2", fileIndex: 0 }]))
      found += piece.octets.length;
    expect(found).toBe(octets.length);
    const nowhere = reader.parts(content(), [{ number: "7", fileIndex: 0 }]);
    await expect(nowhere.next()).rejects.toThrow("has no part 7");
  });
});
