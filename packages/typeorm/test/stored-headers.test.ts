import { expect, it } from "vitest";
import type { TypeormStore } from "../src/index.ts";
import { onEveryDatabase } from "./databases.ts";
import { collect, contentOf, message } from "./samples.ts";

const GUARD = { generation: 0, leaseToken: null };
const ALL = { decoder: 1, all: false, after: null, limit: 100 };

const text = (block: Uint8Array | null): string | null => block && Buffer.from(block).toString("latin1");

onEveryDatabase("headers of stored messages", (database) => {
  /** Messages that were stored by different versions; the first column says by which. */
  async function stored(...rows: readonly (readonly [decoder: number, content: string])[]): Promise<{
    readonly store: TypeormStore;
    readonly ids: readonly string[];
  }> {
    const store = await database.open();
    const { id } = await store.openMaildrop("a@example.org");
    const messages = rows.map(([decoder, content]) =>
      message({ decoder, subject: "old", content: contentOf(Buffer.from(content, "latin1")) }),
    );
    await store.transact(id, GUARD, (tx) => tx.insertMessages(messages));
    return { store, ids: messages.map((one) => one.id) };
  }

  /** As an earlier version wrote rows, which had no such columns. */
  async function forget(store: TypeormStore): Promise<void> {
    const table = store.dataSource.entityMetadatas.find(({ tableName }) => tableName.endsWith("_message"));
    await store.dataSource.query(
      `UPDATE ${table?.tableName} SET decoder = NULL, date_kind = NULL, attachments = NULL`,
    );
  }

  it("say by which version they were read", async () => {
    const { store, ids } = await stored(
      [1, "Subject: a\r\n\r\n"],
      [1, "Subject: b\r\n\r\n"],
      [2, "Subject: c\r\n\r\n"],
    );
    expect(await collect(store.messages())).toMatchObject(
      [2, 1, 1].map((decoder) => ({ decoder, dateKind: "stated", attachments: false })),
    );
    expect(await store.headers.status(1)).toEqual({ messages: 3, outdated: 0 });
    expect(await store.headers.status(2)).toEqual({ messages: 3, outdated: 2 });
    await forget(store);
    expect(await collect(store.messages())).toMatchObject(
      [1, 2, 3].map(() => ({ decoder: 0, dateKind: null, attachments: null })),
    );
    expect(await store.headers.status(1)).toEqual({ messages: 3, outdated: 3 });
    expect((await store.headers.read(ALL)).map(({ id }) => id)).toEqual(ids);
  });

  it("keep what was read, and nothing else of the row changes", async () => {
    const { store, ids } = await stored([0, "Subject: a\r\n\r\nbody\r\n"], [0, "Subject: b\r\n\r\n"]);
    const [, before] = await collect(store.messages());
    const fields = {
      messageIdHeader: null,
      subject: "日本語 🎈",
      from: "Ann",
      to: null,
      date: new Date("2026-01-02T03:04:05Z"),
      dateKind: "received" as const,
      attachments: true,
      decoder: 1,
    };
    await store.headers.write([{ id: ids[0] ?? "", ...fields }]);
    const [other, after] = await collect(store.messages());
    expect(after).toEqual({ ...before, ...fields });
    expect(other).toMatchObject({ subject: "old", decoder: 0 });
    expect(text(Buffer.concat(await collect(store.content(ids[0] ?? ""))))).toBe(
      "Subject: a\r\n\r\nbody\r\n",
    );
    expect(await store.headers.status(1)).toEqual({ messages: 2, outdated: 1 });
    await store.headers.write([{ id: "00000000-0000-7000-8000-000000000000", ...fields }]);
  });

  it("are read in order, a part at a time, those of a later version never", async () => {
    const { store, ids } = await stored(
      [0, "Subject: a\r\n\r\nbody"],
      [2, "Subject: b\r\n\r\n"],
      [1, "Subject: c\r\n\r\n"],
      [0, "Subject: d"],
      [0, ""],
    );
    const first = await store.headers.read({ ...ALL, limit: 2 });
    expect(first.map(({ id, block }) => [id, text(block)])).toEqual([
      [ids[0], "Subject: a\r\n\r\n"],
      [ids[3], "Subject: d"],
    ]);
    const second = await store.headers.read({ ...ALL, after: ids[3] ?? "" });
    expect(second.map(({ id, block }) => [id, text(block)])).toEqual([[ids[4], ""]]);
    expect(await store.headers.read({ ...ALL, after: ids[4] ?? "" })).toEqual([]);
    const all = await store.headers.read({ ...ALL, all: true });
    expect(all.map(({ id }) => id)).toEqual([ids[0], ids[2], ids[3], ids[4]]);
  });

  it("are whole where they are longer than most, up to a bound", async () => {
    const long = `X: ${"y".repeat(100_000)}\r\nSubject: a\r\n\r\n`;
    const endless = "Z".repeat(1_500_000);
    const { store } = await stored(
      [0, `${long}${"body".repeat(100_000)}`],
      [0, endless],
      [0, "Subject: c\r\n\r\n"],
    );
    const headers = await store.headers.read(ALL);
    expect(headers.map(({ block }) => block?.length)).toEqual([long.length, 1024 * 1024, 14]);
  });

  it("are null where octets of the message are missing, and the others are read", async () => {
    const { store } = await stored(
      [0, "Subject: a\r\n\r\n"],
      [0, "Z".repeat(600_000)],
      [0, "Subject: c\r\n\r\n"],
    );
    const table = store.dataSource.entityMetadatas.find(({ tableName }) => tableName.endsWith("chunk"));
    await store.dataSource.query(`DELETE FROM ${table?.tableName} WHERE seq > 0`);
    expect((await store.headers.read(ALL)).map(({ block }) => text(block))).toEqual([
      "Subject: a\r\n\r\n",
      null,
      "Subject: c\r\n\r\n",
    ]);
  });

  it("can be written by two at once", async () => {
    const { store, ids } = await stored(
      ...Array.from({ length: 50 }, () => [0, "Subject: a\r\n\r\n"] as const),
    );
    const fields = {
      messageIdHeader: null,
      from: null,
      to: null,
      date: null,
      dateKind: null,
      attachments: false,
      decoder: 1,
    };
    const rows = ids.map((id) => ({ id, subject: "new", ...fields }));
    await Promise.all([store.headers.write(rows), store.headers.write(rows.toReversed())]);
    expect(await store.headers.status(1)).toEqual({ messages: 50, outdated: 0 });
  });
});
