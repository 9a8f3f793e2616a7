import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { BackgroundIndexer } from "../../src/content/background-indexer.ts";
import { ContentReader } from "../../src/content/content-reader.ts";
import { type IndexContentsOptions, indexContents } from "../../src/content/index-contents.ts";
import { storeMail, storeWith } from "./stored-mail.ts";

const settings = { text: true, html: false, attachments: "metadata" } as const;
const programOf = (name: string): URL => pathToFileURL(join(import.meta.dirname, name));
const badReader = (): ContentReader => new ContentReader({ settings, program: programOf("bad-process.mjs") });

function options(more: Pick<IndexContentsOptions, "store" | "reader"> & Partial<IndexContentsOptions>) {
  return { parser: 1, all: true, ...more };
}

describe("indexing", () => {
  it("makes the rows of what is in the messages, each once", async () => {
    const mail = [
      "From: Ann <ann@example.org>\nTo: ben@example.org\nSubject: one\n\nThe first text\n",
      [
        'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nSee the file.',
        '--b\nContent-Type: application/pdf; name="bill.pdf"\nContent-Transfer-Encoding: base64\n\nUERG\n--b--\n',
      ].join("\n"),
    ];
    await using stored = await storeWith(mail);
    const { store, ids } = stored;
    await using reader = new ContentReader({ settings, program: programOf("reading-process.mjs") });
    const progress: number[] = [];
    const onProgress = (done: number): void => void progress.push(done);
    expect(await indexContents(options({ store, reader, onProgress }))).toEqual({
      indexed: 2,
      unreadable: [],
    });
    expect(progress).toEqual([2]);
    const [one, two] = await Promise.all(ids.map((id) => store.contents.read(id)));
    expect(one).toMatchObject({ preview: "The first text", hasAttachment: false, parser: 1 });
    expect(one?.addresses).toEqual([
      { role: "from", address: "ann@example.org", displayName: "Ann" },
      { role: "to", address: "ben@example.org", displayName: null },
    ]);
    expect(two).toMatchObject({ hasAttachment: true });
    expect(two?.parts.map(({ number, fileName, octets }) => [number, fileName, octets])).toEqual([
      ["1", null, 13],
      ["2", "bill.pdf", 3],
    ]);
    expect(await indexContents(options({ store, reader }))).toEqual({ indexed: 0, unreadable: [] });
    const rebuildBefore = await store.contents.present();
    expect((await indexContents(options({ store, reader, rebuildBefore }))).indexed).toBe(2);
    expect((await indexContents(options({ store, reader, parser: 2 }))).indexed).toBe(2);
  });

  it("passes over a message that its reader dies of, after three times, and reads all others", async () => {
    await using stored = await storeWith(["good 1", "exit", "good 2"]);
    const { store, ids } = stored;
    await using reader = badReader();
    const first = await indexContents(options({ store, reader }));
    expect(first).toEqual({
      indexed: 2,
      unreadable: [{ id: ids[1], reason: expect.stringContaining("ended in the middle") }],
    });
    expect(await store.contents.status(1)).toMatchObject({ made: 2, failed: 1, waiting: 0, claimed: 0 });
    expect(await indexContents(options({ store, reader }))).toEqual({ indexed: 0, unreadable: [] });
  });

  it("leaves messages that are too large for it to others", async () => {
    await using stored = await storeWith(["good 1", `good ${"2".repeat(5000)}`, "good 3"]);
    const { store } = stored;
    await using reader = badReader();
    const some = await indexContents({ store, reader, parser: 1, mostOctets: 4000 });
    expect(some).toEqual({ indexed: 2, unreadable: [] });
    expect(await store.contents.status(1)).toMatchObject({ made: 2, waiting: 1, claimed: 0, failed: 0 });
    expect(await indexContents(options({ store, reader }))).toEqual({ indexed: 1, unreadable: [] });
  });

  it("passes over a message that is removed while it is read", async () => {
    await using stored = await storeWith(["good 1", "good 2", "good 3"]);
    const { store, ids } = stored;
    await using reader = badReader();
    const watched = {
      works: () => reader.works(),
      end: () => reader.end(),
      parts: reader.parts,
      read: async (content: AsyncIterable<Uint8Array>) => {
        // All three are claimed by now.
        await store.dataSource.query(`DELETE FROM mailonce_message WHERE id = ?`, [octetsOf(ids[1] ?? "")]);
        return reader.read(content);
      },
    };
    expect(await indexContents(options({ store, reader: watched }))).toEqual({ indexed: 2, unreadable: [] });
    expect(await store.contents.status(1)).toMatchObject({ messages: 2, made: 2, waiting: 0, failed: 0 });
  });

  it("blames no message where the reader is broken", async () => {
    await using stored = await storeWith(["one", "two"]);
    const { store } = stored;
    await using reader = new ContentReader({ settings, program: programOf("no-such-process.mjs") });
    await expect(indexContents(options({ store, reader }))).rejects.toMatchObject({ fault: "reader" });
    expect(await store.contents.status(1)).toMatchObject({ made: 0, failed: 0, waiting: 2, claimed: 0 });
    await using good = badReader();
    expect((await indexContents(options({ store, reader: good }))).indexed).toBe(2);
  });

  it("stops in the middle of a message when it is told to, keeps what it has read, and claims nothing any more", async () => {
    await using stored = await storeWith(["hang", "good"]);
    const { store } = stored;
    await using reader = badReader();
    const stop = new AbortController();
    const { read } = reader;
    let count = 0;
    const watched = {
      works: () => reader.works(),
      end: () => reader.end(),
      parts: reader.parts,
      read: (content: AsyncIterable<Uint8Array>) => {
        // The newest comes first; the other one would never end.
        if (++count === 2) setImmediate(() => stop.abort());
        return read.call(reader, content);
      },
    };
    const indexed = await indexContents(options({ store, reader: watched, signal: stop.signal }));
    expect(indexed).toEqual({ indexed: 1, unreadable: [] });
    expect(await store.contents.status(1)).toMatchObject({ made: 1, waiting: 1, claimed: 0, failed: 0 });
  });

  it("waits for what another process has claimed, and does it if that one does not", async () => {
    await using stored = await storeWith(["one", "two"]);
    const { store } = stored;
    const claim = { parser: 1, limit: 1, token: "dead", ttlMs: 1500, exact: false };
    expect(await store.contents.claim(claim)).toHaveLength(1);
    await using reader = badReader();
    expect((await indexContents(options({ store, reader }))).indexed).toBe(2);
  });

  it("goes on in the background, and ends when it is told to", async () => {
    await using stored = await storeWith(["one"]);
    const { store } = stored;
    const broken: string[] = [];
    const indexer = new BackgroundIndexer({
      ...{ store, settings, program: programOf("bad-process.mjs"), everyMs: 5, rest: 0 },
      onBroken: (reason) => broken.push(reason),
    });
    const madeAre = async (count: number): Promise<void> => {
      while ((await store.contents.status(1)).made < count) await new Promise((go) => setTimeout(go, 5));
    };
    await madeAre(1);
    await storeMail(store, ["two", "three"]);
    await madeAre(3);
    await indexer.stop();
    expect(broken).toEqual([]);
  });

  it("ends after the message that it reads, saves what it has read, and leaves the rest to others", async () => {
    await using stored = await storeWith(Array.from({ length: 50 }, (_, at) => `good ${at}`));
    const { store } = stored;
    const indexer = new BackgroundIndexer({
      ...{ store, settings, program: programOf("bad-process.mjs"), everyMs: 5, rest: 1000 },
      onBroken: () => {},
    });
    while ((await store.contents.status(1)).claimed === 0) await new Promise((go) => setTimeout(go, 5));
    await indexer.stop(1e9);
    const { made, waiting, claimed } = await store.contents.status(1);
    expect(made).toBeGreaterThan(0);
    expect({ all: made + waiting, claimed }).toEqual({ all: 50, claimed: 0 });
    expect(waiting).toBeGreaterThan(0);
  });

  it("ends at once when its signal is aborted, although it was given time to end", async () => {
    await using stored = await storeWith(["one", "two"]);
    const { store } = stored;
    const wish = new AbortController();
    const indexer = new BackgroundIndexer({
      // After the first message it would rest for days.
      ...{
        store,
        settings,
        program: programOf("bad-process.mjs"),
        everyMs: 5,
        rest: 1e9,
        signal: wish.signal,
      },
      onBroken: () => {},
    });
    while ((await store.contents.status(1)).claimed === 0) await new Promise((go) => setTimeout(go, 5));
    const ended = indexer.stop(1e9);
    wish.abort();
    await ended;
    expect(await store.contents.status(1)).toMatchObject({ claimed: 0, failed: 0 });
  });

  it("tells once that the reader is broken, and ends by itself", async () => {
    await using stored = await storeWith(["one"]);
    const { store } = stored;
    const broken = await new Promise<string>((resolve) => {
      const program = programOf("no-such-process.mjs");
      new BackgroundIndexer({ store, settings, program, everyMs: 5, rest: 0, onBroken: resolve });
    });
    expect(broken).toContain("no-such-process");
    expect(await store.contents.status(1)).toMatchObject({ waiting: 1, failed: 0 });
  });
});

function octetsOf(uuid: string): Buffer {
  return Buffer.from(uuid.replaceAll("-", ""), "hex");
}
