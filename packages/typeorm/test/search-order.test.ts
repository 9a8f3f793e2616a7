import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import { openStore, type SearchPage, type TypeormStore } from "../src/index.ts";
import { onEveryDatabase } from "./databases.ts";
import type { CorpusMessage } from "./search-corpus.ts";
import { contentOfMail, index, names, plain, store, stored } from "./search-mail.ts";

async function best(of: TypeormStore, query: string, limit: number): Promise<readonly (string | null)[]> {
  const found: (string | null)[] = [];
  for (let cursor: string | undefined; ; ) {
    const page: SearchPage = await of.search({
      ...{ query, limit, order: "best" },
      ...(cursor === undefined ? {} : { cursor }),
    });
    found.push(...page.messages.map(({ message: { subject } }) => subject));
    if (page.next === null) return found;
    cursor = page.next;
  }
}

const mail = (
  name: string,
  subject: string,
  text: string,
  more: Partial<CorpusMessage> = {},
): CorpusMessage => ({
  ...{ name, subject, text },
  ...more,
});

onEveryDatabase("a search for the best", (database) => {
  const MAILS = [
    mail("subject", "invoice of the month", "nothing else"),
    mail("often", "hello", "invoice invoice invoice, and an invoice"),
    mail("once", "hello", "one invoice"),
    mail("long", "hello", `one invoice ${"and so on ".repeat(200)}`),
    mail("file", "hello", "look at it", { fileNames: ["invoice.pdf"] }),
    mail("seldom", "hello", "the bill"),
    mail("again", "hello", "one invoice"),
    mail("none", "hello", "nothing"),
  ];

  it("gives those first that have the words in the subject, often, and in short texts; the newest first of those that are equal", async () => {
    const open = await database.open();
    await stored(open, MAILS);
    const ranked = ["subject", "often", "file", "again", "once", "long"];
    expect(await best(open, "invoice", 50)).toEqual(ranked);
    expect(await best(open, "invoice", 1)).toEqual(ranked);
    expect((await best(open, "invoice OR bill", 50))[0]).toBe("seldom");
    expect(await best(open, "from:ann@example.com", 3)).toEqual(MAILS.map(({ name }) => name).toReversed());
    expect(await best(open, "nowhere", 3)).toEqual([]);
  });

  it("goes on among the same messages while mail arrives", async () => {
    const open = await database.open();
    await stored(open, MAILS);
    const first = await open.search({ query: "invoice", order: "best", limit: 2 });
    await stored(open, [mail("new", "invoice invoice", "invoice")]);
    const second = await open.search({ query: "invoice", order: "best", limit: 2, cursor: first.next ?? "" });
    expect(second.messages.map(({ message: { subject } }) => subject)).toEqual(["file", "again"]);
    expect((await best(open, "invoice", 2))[0]).toBe("new");
  });

  it("takes no order and no cursor of another kind", async () => {
    const open = await database.open();
    await stored(open, MAILS);
    const newest = await open.search({ query: "invoice", limit: 1 });
    const ranked = await open.search({ query: "invoice", limit: 1, order: "best" });
    for (const request of [
      { query: "invoice", order: "best" as const, cursor: newest.next ?? "" },
      { query: "invoice", cursor: ranked.next ?? "" },
      { query: "invoice", order: "worst" as "best" },
    ])
      await expect(open.search(request)).rejects.toMatchObject({ code: "argument" });
  });
});

/** Two blocks of the index that servers have. */
const MANY = Array.from({ length: 4096 }, (_, at) =>
  plain(`m${at}`, `common ${at % 3 === 0 ? "third" : "other"} ${at % 701 === 5 ? "seldom" : ""} n${at}`),
);

async function expectMany(open: TypeormStore): Promise<void> {
  const where = (isWanted: (at: number) => boolean): readonly string[] =>
    MANY.flatMap(({ name }, at) => (isWanted(at) ? [name] : [])).toReversed();
  expect(await names(open, "common third", 300)).toEqual(where((at) => at % 3 === 0));
  expect(await names(open, "common seldom", 2)).toEqual(where((at) => at % 701 === 5));
  expect(await names(open, "n17 OR n4016 OR n2048")).toEqual(["m4016", "m2048", "m17"]);
  expect(await names(open, "n399*", 4)).toEqual(where((at) => String(at).startsWith("399")));
  expect(await names(open, "third other")).toEqual([]);
}

onEveryDatabase("a search among many messages", (database) => {
  it("gives them in the order of storing, page by page, also when they were read again", async () => {
    const open = await database.open();
    const ids: string[] = [];
    for (let from = 0; from < MANY.length; from += 512)
      ids.push(...(await store(open, MANY.slice(from, from + 512))));
    await index(open, ids, MANY);
    await expectMany(open);
    const blocks = await blocksOf(open);
    for (;;) {
      const claimed = await open.contents.claim({ parser: 2, limit: 600, token: "again", ttlMs: 60_000 });
      if (claimed.length === 0) break;
      const again = claimed.map(({ id }) => contentOfMail(id, MANY[ids.indexOf(id)] ?? plain("", "")));
      await open.contents.save(
        "again",
        again.map((content) => ({ ...content, parser: 2 })),
      );
    }
    await expectMany(open);
    expect(await blocksOf(open)).toBe(blocks);
  });

  it("loses none, and finds none twice, while several read messages at once", async () => {
    const options = await database.fresh();
    await using one = await openStore(options);
    await using other = await openStore(options);
    await using looking = await openStore(options);
    const ids: string[] = [];
    for (let from = 0; from < MANY.length; from += 512)
      ids.push(...(await store(one, MANY.slice(from, from + 512))));
    let isOver = false;
    const look = async (): Promise<void> => {
      for (let before = 0; !isOver; ) {
        const found = await names(looking, "common third", 300);
        expect(new Set(found).size).toBe(found.length);
        expect(found.length).toBeGreaterThanOrEqual(before);
        before = found.length;
        // SQLite answers at once: without a pause nothing else in this process would have its turn.
        await setImmediate();
      }
    };
    const indexed = Promise.all([index(one, ids, MANY, 200), index(other, ids, MANY, 200)]).finally(() => {
      isOver = true;
    });
    await Promise.all([indexed, look()]);
    await expectMany(looking);
  });

  it("finds by sender and month what nobody has read, too, and only that", async () => {
    const open = await database.open();
    const some = (month: string, count: number): readonly CorpusMessage[] =>
      Array.from({ length: count }, (_, at) => ({
        ...plain(`${month}-${at}`, "text"),
        from: at % 2 === 0 ? "Joe <joe@example.org>" : "Joe <mary.joe@example.org>",
        date: new Date(`2026-${month}-15T00:00:00Z`),
      }));
    await stored(open, [...some("01", 4), ...some("02", 4)]);
    const query = "from:joe@example.org date:2026-01..2026-02-10";
    expect(await names(open, query)).toEqual(["01-2", "01-0"]);
    await store(
      open,
      some("01", 2).map((one) => ({ ...one, isNew: true })),
    );
    expect(await names(open, query)).toEqual(["01-0", "01-2", "01-0"]);
    expect(await names(open, "date:2026-02 -from:mary.joe@example.org", 1)).toEqual(["02-2", "02-0"]);
    expect(await names(open, "date:2025")).toEqual([]);
  });
});

/** How many blocks a server's index has; null on SQLite. */
async function blocksOf({ dataSource }: TypeormStore): Promise<number | null> {
  if (dataSource.options.type === "better-sqlite3") return null;
  const { tableName = "" } =
    dataSource.entityMetadatas.find((one) => one.tableName.endsWith("_message")) ?? {};
  const [row] = await dataSource.query(`SELECT COUNT(*) AS number FROM ${tableName}_words_block`);
  return Number(row.number);
}
