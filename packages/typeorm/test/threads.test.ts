import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { NewContent, Thread, ThreadOptions, TypeormStore } from "../src/index.ts";
import { CLAIM, content, count, makeAll, storeMessages, table } from "./content-samples.ts";
import { onEveryDatabase, onSqlite } from "./databases.ts";
import { contentOf, message, nextId, octets } from "./samples.ts";

type Letter = Partial<Pick<NewContent, "messageId" | "inReplyTo" | "references">>;

/** Stores and reads letters in this order. @returns their ids by their names */
async function post(
  store: TypeormStore,
  letters: Readonly<Record<string, Letter>>,
): Promise<Map<string, string>> {
  const ids = new Map(Object.keys(letters).map((name) => [name, nextId()]));
  await storeMessages(store, [...ids.values()]);
  await read(
    store,
    Object.entries(letters).map(([name, letter]) => content(ids.get(name) ?? "", letter)),
  );
  return ids;
}

async function read(store: TypeormStore, contents: readonly NewContent[]): Promise<void> {
  const token = randomUUID();
  for (let from = 0; from < contents.length; from += 1000) {
    await store.contents.claim({ ...CLAIM, token, limit: 1000 });
  }
  for (let from = 0; from < contents.length; from += 500)
    await store.contents.save(token, contents.slice(from, from + 500));
}

/** A conversation as lines: `name`, indented by depth, `=name` for another message with its Message-ID. */
async function drawn(
  store: TypeormStore,
  ids: ReadonlyMap<string, string>,
  of: string,
  options: ThreadOptions = {},
): Promise<readonly string[]> {
  return lines(await store.thread(ids.get(of) ?? "", options), ids);
}

function lines({ messages, missing, isCut }: Thread, ids: ReadonlyMap<string, string>): readonly string[] {
  const names = new Map([...ids].map(([name, id]) => [id, name]));
  const nameOf = (id: string): string => names.get(id) ?? id;
  return [
    ...(missing === null ? [] : [`(${missing})`]),
    ...messages.map(
      ({ message: { id }, depth, copyOf }) =>
        `${"  ".repeat(depth)}${copyOf === null ? "" : "="}${nameOf(id)}`,
    ),
    ...(isCut ? ["…"] : []),
  ];
}

onEveryDatabase("conversations", (database) => {
  it("are found whole from each of their messages, with those that answer one message oldest first", async () => {
    const store = await database.open();
    const ids = await post(store, {
      other: { messageId: "<other@x>" },
      // The answer is stored before what it answers.
      c: { messageId: "<c@x>", inReplyTo: "<b@x>", references: ["<a@x>", "<b@x>"] },
      a: { messageId: "<a@x>" },
      d: { messageId: "<d@x>", inReplyTo: "<a@x>" },
      b: { messageId: "<b@x>", references: ["<a@x>"] },
      // Without a Message-ID, which nobody can answer.
      e: { messageId: null, inReplyTo: "<d@x>", references: ["<a@x>"] },
    });
    const whole = ["a", "  d", "    e", "  b", "    c"];
    for (const of of ["a", "b", "c", "d", "e"])
      expect([of, await drawn(store, ids, of)]).toEqual([of, whole]);
    expect(await drawn(store, ids, "other")).toEqual(["other"]);
    const { messages } = await store.thread(ids.get("e") ?? "");
    expect(messages[2]).toMatchObject({ parent: ids.get("d"), depth: 2, copyOf: null });
    expect(messages[0]).toMatchObject({ parent: null, message: { maildrop: "a", subject: "Grüße 🎈" } });
  });

  it("go by the messages' dates, where they say any", async () => {
    const store = await database.open();
    const { id: maildropId } = await store.openMaildrop("a");
    const ids = new Map(["a", "late", "early"].map((name) => [name, nextId()]));
    const dates = ["2026-01-01", "2026-01-03", "2026-01-02"].map((date) => new Date(date));
    await store.transact(maildropId, { generation: 0, leaseToken: null }, (tx) =>
      tx.insertMessages(
        [...ids.values()].map((id, at) =>
          message({ id, date: dates[at] ?? null, content: contentOf(octets(`Subject: x\r\n\r\n${id}`)) }),
        ),
      ),
    );
    const answers = { inReplyTo: "<a@x>" };
    await read(store, [
      content(ids.get("a") ?? "", { messageId: "<a@x>" }),
      content(ids.get("late") ?? "", { messageId: "<l@x>", ...answers }),
      content(ids.get("early") ?? "", { messageId: "<e@x>", ...answers }),
    ]);
    expect(await drawn(store, ids, "a")).toEqual(["a", "  early", "  late"]);
  });

  it("hold together where a message between two others, or the first one, is not stored", async () => {
    const store = await database.open();
    const ids = await post(store, {
      a: { messageId: "<a@x>", references: ["<first@x>"] },
      b: { messageId: "<b@x>", references: ["<first@x>", "<a@x>", "<mine@x>"] },
      c: { messageId: "<c@x>", references: ["<first@x>", "<mine@x>"] },
      d: { messageId: "<d@x>", inReplyTo: "<c@x>" },
    });
    const whole = ["(<first@x>)", "a", "  b", "c", "  d"];
    for (const of of ["a", "b", "c", "d"]) expect([of, await drawn(store, ids, of)]).toEqual([of, whole]);
  });

  it("tell Message-IDs apart that differ in case, in a blank, in an accent, or after a thousand letters", async () => {
    const store = await database.open();
    const long = `<${"x".repeat(5000)}`;
    const owners = ["<a@x>", "<A@x>", "<a@x> ", "<á@x>", `${long}1>`, `${long}2>`];
    const ids = await post(
      store,
      Object.fromEntries([
        ...owners.map((messageId, at) => [`${at}`, { messageId }]),
        ...owners.map((inReplyTo, at) => [`re ${at}`, { inReplyTo }]),
      ]),
    );
    for (const at of owners.keys()) expect(await drawn(store, ids, `${at}`)).toEqual([`${at}`, `  re ${at}`]);
  });

  it("show all messages of one Message-ID in one place, which the first stored one has chosen", async () => {
    const store = await database.open();
    const ids = await post(store, {
      a: { messageId: "<a@x>" },
      b: { messageId: "<b@x>", references: ["<a@x>"] },
      elsewhere: { messageId: "<elsewhere@x>" },
      // The same mail in another maildrop, and one that only says that it is b.
      again: { messageId: "<b@x>", references: ["<a@x>"] },
      forged: { messageId: "<b@x>", references: ["<elsewhere@x>"] },
      c: { messageId: "<c@x>", references: ["<b@x>"] },
    });
    const whole = ["a", "  b", "  =again", "  =forged", "    c"];
    for (const of of ["a", "b", "again", "forged", "c"])
      expect([of, await drawn(store, ids, of)]).toEqual([of, whole]);
    expect(await drawn(store, ids, "elsewhere")).toEqual(["elsewhere"]);
    const { messages } = await store.thread(ids.get("c") ?? "");
    expect(messages[3]).toMatchObject({ copyOf: ids.get("b"), parent: ids.get("a") });
    // A few are shown of many, and the message that was asked for is one of them.
    expect(await drawn(store, ids, "forged", { limit: 2 })).toEqual(["b", "=forged", "…"]);
  });

  it("are not joined by who names messages of several", async () => {
    const store = await database.open();
    const ids = await post(store, {
      a: { messageId: "<a@x>" },
      a1: { messageId: "<a1@x>", references: ["<a@x>"] },
      b: { messageId: "<b@x>" },
      b1: { messageId: "<b1@x>", references: ["<b@x>"] },
      forged: { messageId: "<f@x>", references: ["<a@x>", "<a1@x>", "<b@x>", "<b1@x>"] },
    });
    expect(await drawn(store, ids, "a1")).toEqual(["a", "  a1"]);
    for (const of of ["b", "forged"])
      expect(await drawn(store, ids, of)).toEqual(["b", "  b1", "    forged"]);
  });

  it("begin with the message that was stored first where they go round in a circle", async () => {
    const store = await database.open();
    const ids = await post(store, {
      self: { messageId: "<self@x>", inReplyTo: "<self@x>", references: ["<self@x>"] },
      b: { messageId: "<b@x>", references: ["<a@x>"] },
      a: { messageId: "<a@x>", references: ["<c@x>"] },
      c: { messageId: "<c@x>", references: ["<b@x>"] },
      tail: { messageId: "<tail@x>", references: ["<a@x>", "<c@x>", "<a@x>"] },
    });
    expect(await drawn(store, ids, "self")).toEqual(["self"]);
    const whole = ["b", "  c", "    a", "      tail"];
    for (const of of ["a", "b", "c", "tail"]) expect([of, await drawn(store, ids, of)]).toEqual([of, whole]);
  });

  it("keep the first and the last of many references", async () => {
    const store = await database.open();
    const names = Array.from({ length: 1000 }, (_, n) => `<${n}@x>`);
    const ids = await post(store, {
      first: { messageId: "<0@x>" },
      middle: { messageId: "<500@x>" },
      late: { messageId: "<985@x>", references: ["<0@x>"] },
      many: { messageId: "<many@x>", references: names },
      many2: { messageId: "<many2@x>", references: names.filter((name) => name !== "<985@x>") },
    });
    expect(await drawn(store, ids, "first")).toEqual(["first", "  late", "    many", "  many2"]);
    expect(await drawn(store, ids, "middle")).toEqual(["middle"]);
    expect(await count(store, "message_reference")).toBe(5 + 1 + 20 + 20);
  });

  it("are made anew with the rest, go with their messages, and consist of one message that was not read yet", async () => {
    const store = await database.open();
    const ids = await post(store, {
      a: { messageId: "<a@x>" },
      b: { messageId: "<b@x>", references: ["<a@x>"] },
    });
    const [unread = ""] = await storeMessages(store, [nextId()]);
    expect((await store.thread(unread)).messages).toMatchObject([{ message: { id: unread }, depth: 0 }]);
    await store.contents.claim({ ...CLAIM, parser: 2 });
    await store.contents.save(CLAIM.token, [content(ids.get("b") ?? "", { parser: 2, messageId: "<b@x>" })]);
    expect(await drawn(store, ids, "b")).toEqual(["b"]);
    await store.dataSource.query(`DELETE FROM ${table(store, "_message")} WHERE id = ?`, [
      Buffer.from((ids.get("b") ?? "").replaceAll("-", ""), "hex"),
    ]);
    expect(await count(store, "message_reference")).toBe(1);
    expect((await store.thread(ids.get("b") ?? "")).messages).toEqual([]);
    await store.contents.drop();
    expect(await count(store, "message_reference")).toBe(0);
    await makeAll(store);
    expect(await drawn(store, ids, "a")).toEqual(["a"]);
  });

  it("are cut off where they are too large, with the way to the message that was asked for", async () => {
    const store = await database.open();
    const chain = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [
        `c${n}`,
        { messageId: `<c${n}@x>`, inReplyTo: n === 0 ? null : `<c${n - 1}@x>` },
      ]),
    );
    const fan = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [`f${n}`, { messageId: `<f${n}@x>`, inReplyTo: "<c0@x>" }]),
    );
    const ids = await post(store, { ...chain, ...fan });
    expect(await drawn(store, ids, "f29", { limit: 5 })).toEqual([
      "c0",
      "  c1",
      "  f0",
      "  f1",
      "  f29",
      "…",
    ]);
    expect(await drawn(store, ids, "c59", { limit: 10 })).toEqual([
      ...[55, 56, 57, 58, 59].map((n, depth) => `${"  ".repeat(depth)}c${n}`),
      "…",
    ]);
    expect((await store.thread(ids.get("c30") ?? "", { limit: 90 })).messages).toHaveLength(90);
    expect(await store.thread(ids.get("c30") ?? "", { limit: 90 })).toMatchObject({ isCut: false });
    expect(await drawn(store, ids, "c59", { limit: 1 })).toEqual(["c59", "…"]);
  });
});

describe("a conversation", () => {
  onSqlite("asked for wrongly", (database) => {
    it("is refused", async () => {
      const store = await database.open();
      await expect(store.thread("x")).rejects.toMatchObject({ code: "argument" });
      await expect(store.thread(nextId(), { limit: -1 })).rejects.toMatchObject({ code: "argument" });
    });
  });
});
