import { compileSearch } from "@mailonce/core/search";
import { describe, expect, it } from "vitest";
import { openStore } from "../src/index.ts";
import { onEveryDatabase, onSqlite } from "./databases.ts";
import { contentOf, message, octets } from "./samples.ts";
import { ANSWERS, CORPUS, type CorpusMessage } from "./search-corpus.ts";
import { all, contentOfMail, GUARD, index, MAILDROP, names, plain, store, stored } from "./search-mail.ts";
import { onEachServer } from "./test-server.ts";

onEveryDatabase("a search", (database) => {
  it("finds words of all languages, the same messages on all databases", async () => {
    const open = await database.openFresh();
    await stored(open, CORPUS);
    const found: Record<string, readonly (string | null)[]> = {};
    for (const query of Object.keys(ANSWERS)) found[query] = (await names(open, query)).toSorted();
    expect(found).toEqual(ANSWERS);
  });

  it("gives those first that were stored last, and pages that stay while mail arrives", async () => {
    const open = await database.openFresh();
    const some = (from: string, count: number): readonly CorpusMessage[] =>
      Array.from({ length: count }, (_, at) =>
        plain(`${from}${at}`, at % 2 === 0 ? "even number" : "odd number"),
      );
    await stored(open, some("a", 20));
    for (const query of ["even", "-odd octets:>0", "subject:a* even"]) {
      const first = await open.search({ query, limit: 3 });
      expect(first.messages.map((hit) => hit.message.subject)).toEqual(["a18", "a16", "a14"]);
    }
    const before = await open.search({ query: "even", limit: 3 });
    await stored(open, some("b", 4));
    const after = await open.search({ query: "even", limit: 3, cursor: before.next ?? "" });
    expect(after.messages.map((hit) => hit.message.subject)).toEqual(["a12", "a10", "a8"]);
    expect(await names(open, "even", 4)).toEqual([
      ...["b2", "b0", "a18", "a16", "a14", "a12", "a10", "a8", "a6", "a4", "a2", "a0"],
    ]);
  });

  it("finds the messages of one maildrop alone, where that is wanted", async () => {
    const open = await database.openFresh();
    await stored(open, CORPUS);
    await open.openMaildrop("elsewhere");
    for (const query of ["invoice", "-rechnung", "subject:invoice"]) {
      const here = await open.search({ query, maildrop: MAILDROP });
      expect(here.messages.length).toBeGreaterThan(0);
      expect(await open.search({ query, maildrop: "elsewhere" })).toEqual({ messages: [], next: null });
    }
  });

  it("shows where in the text it is", async () => {
    const open = await database.openFresh();
    await stored(open, CORPUS);
    const [hit] = await all(open, "month");
    const { text = "", hits = [] } = hit?.snippet ?? {};
    expect(hits.map(({ start, end }) => text.slice(start, end))).toEqual(["month"]);
    const [header] = await all(open, "subject:invoice");
    expect(header?.snippet).toMatchObject({ text: expect.stringContaining("Dear Joe"), hits: [] });
  });

  it("finds what headers say, not what there is to read, of messages that nobody has read yet", async () => {
    const open = await database.openFresh();
    await store(open, CORPUS);
    expect(await open.searchStatus()).toEqual({ messages: CORPUS.length, indexed: 0 });
    expect(await names(open, "subject:invoice")).toEqual(["english"]);
    expect(await names(open, "invoice")).toEqual([]);
    expect(await names(open, "-invoice")).toEqual([]);
    expect(await names(open, "list-id:*")).toEqual(["english"]);
  });

  it("finds a message by what was made of it last, and no more once that was dropped", async () => {
    const open = await database.openFresh();
    const [id = ""] = await store(open, [plain("one", "first words")]);
    await index(open, [id], [plain("one", "first words")]);
    const since = new Date((await open.contents.present()).getTime() + 1000);
    const [claimed] = await open.contents.claim({
      parser: 2,
      limit: 1,
      token: "t",
      ttlMs: 60_000,
      rebuildBefore: since,
    });
    await open.contents.save("t", [
      { ...contentOfMail(claimed?.id ?? "", plain("one", "other text")), parser: 2 },
    ]);
    expect(await names(open, "first")).toEqual([]);
    expect(await names(open, "other")).toEqual(["one"]);
    expect(await open.searchStatus()).toEqual({ messages: 1, indexed: 1 });
    await open.contents.drop();
    expect(await names(open, "other")).toEqual([]);
    expect(await open.searchStatus()).toEqual({ messages: 1, indexed: 0 });
  });

  it("loses the words of a message with the message", async () => {
    const open = await database.openFresh();
    const [id = ""] = await stored(open, [plain("one", "needle")]);
    expect(await names(open, "needle")).toEqual(["one"]);
    const table = open.dataSource.entityMetadatas.find(({ tableName }) =>
      tableName.endsWith("_message"),
    )?.tableName;
    await open.dataSource.query(`DELETE FROM ${table} WHERE id = ?`, [
      Buffer.from(id.replaceAll("-", ""), "hex"),
    ]);
    expect(await names(open, "needle")).toEqual([]);
    expect(await open.searchStatus()).toEqual({ messages: 0, indexed: 0 });
  });

  it("tells frequent words from rare ones, and finds both among thousands", async () => {
    const open = await database.openFresh();
    const mails = Array.from({ length: 5000 }, (_, at) =>
      plain(
        `m${at}`,
        `common ${at % 2 === 0 ? "half" : "other"} ${at % 500 === 7 ? "seldom" : ""} ${at === 3 ? "once" : ""} n${at}`,
      ),
    );
    for (let from = 0; from < mails.length; from += 1000) await stored(open, mails.slice(from, from + 1000));
    expect(await names(open, "once")).toEqual(["m3"]);
    expect(await names(open, "once common")).toEqual(["m3"]);
    expect(await names(open, "once half")).toEqual([]);
    expect(await names(open, "seldom common other")).toEqual(
      Array.from({ length: 10 }, (_, at) => `m${4507 - 500 * at}`),
    );
    expect((await names(open, "common half", 1000)).length).toBe(2500);
    expect(await names(open, "n4999 OR n0")).toEqual(["m4999", "m0"]);
    expect((await names(open, "-common")).length).toBe(0);
    const page = await open.search({ query: "-common", limit: 1 });
    expect(page).toMatchObject({ messages: [], next: expect.any(String) });
  });

  it("finds words beyond those that are indexed of one message", async () => {
    const open = await database.openFresh();
    const text = Array.from({ length: 25_000 }, (_, at) => `w${at}`).join(" ");
    await stored(open, [plain("long", text), plain("short", "w1")]);
    expect(await names(open, "w24999")).toEqual(["long"]);
    expect(await names(open, "w1")).toEqual(["short", "long"]);
  });

  it("takes what people and their enemies write", async () => {
    const open = await database.openFresh();
    await stored(open, CORPUS);
    for (const query of [
      `"'; DROP TABLE mailonce_message; --"`,
      `\\"x\\"`,
      "a AND (b OR (c AND NOT d))",
      "near*",
      '"NEAR(a b)"',
      "rowid:1 OR x".replace("rowid:1", "header.rowid:1"),
      "+a -b",
      "~a <b >c @d",
      "%_%",
      "(((((a)))))",
      Array.from({ length: 300 }, (_, at) => `w${at}`).join(" OR "),
      Array.from({ length: 300 }, (_, at) => `w${at}`).join(" "),
      "x".repeat(900),
      "ж".repeat(900),
    ])
      expect(Array.isArray(await names(open, query)), query).toBe(true);
    await expect(open.search({ query: "(" })).rejects.toMatchObject({ code: "criteria-syntax" });
    for (const cursor of ["", "x", "w", `w${"0".repeat(31)}`, `w${"g".repeat(32)}`])
      await expect(open.search({ query: "a", cursor })).rejects.toMatchObject({ code: "argument" });
    await expect(open.search({ query: "a", limit: -1 })).rejects.toMatchObject({ code: "argument" });
    expect((await open.search({ query: compileSearch("invoice") })).messages).toHaveLength(1);
  });
});

describe("the index of words", () => {
  onSqlite("where a clock stands still", (database) => {
    it("has room for more messages than a millisecond has numbers", async () => {
      const open = await database.openFresh();
      const mails = Array.from({ length: 2100 }, (_, at) => plain(`m${at}`, "word"));
      const { id } = await open.openMaildrop(MAILDROP);
      const hex = (at: number): string => at.toString(16).padStart(12, "0");
      const ids = mails.map((_, at) => `01990000-0000-7000-8000-${hex(at)}`);
      await open.transact(id, GUARD, (tx) =>
        tx.insertMessages(
          mails
            .slice(0, 1000)
            .map((mail, at) =>
              message({ id: ids[at] ?? "", content: contentOf(octets(`${at}`)), subject: mail.name }),
            ),
        ),
      );
      await open.transact(id, GUARD, (tx) =>
        tx.insertMessages(
          mails
            .slice(1000, 2000)
            .map((mail, at) =>
              message({ id: ids[at + 1000] ?? "", content: contentOf(octets(`x${at}`)), subject: mail.name }),
            ),
        ),
      );
      await open.transact(id, GUARD, (tx) =>
        tx.insertMessages(
          mails
            .slice(2000)
            .map((mail, at) =>
              message({ id: ids[at + 2000] ?? "", content: contentOf(octets(`y${at}`)), subject: mail.name }),
            ),
        ),
      );
      await index(open, ids, mails);
      expect(await names(open, "word", 300)).toEqual(mails.map(({ name }) => name).toReversed());
    });
  });
});

onEachServer("a search on a server that was told to index other words", (start) => {
  it("finds them all the same", async () => {
    await using server = await start({
      parameters: ["--innodb-ft-min-token-size=10", "--innodb-ft-max-token-size=20"],
    });
    await using open = await openStore({ url: await server.account(await server.createDatabase()) });
    const mails = Array.from({ length: 3000 }, (_, at) => plain(`m${at}`, at === 3 ? "once" : "common"));
    for (let from = 0; from < mails.length; from += 1000) await stored(open, mails.slice(from, from + 1000));
    expect(await names(open, "once")).toEqual(["m3"]);
    expect(await names(open, "once common")).toEqual([]);
  });
});
