import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import type { NewContent, TypeormStore } from "../src/index.ts";
import { tableNames } from "../src/schema/table-names.ts";
import { onEveryDatabase } from "./databases.ts";
import { contentOf, message, nextId, octets, sha256 } from "./samples.ts";

const GUARD = { generation: 0, leaseToken: null };
const README = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");

/** The queries of the README by their titles. */
const queries = new Map(
  [...README.matchAll(/```sql\n-- ([^\n]+)\n([\s\S]*?);\n```/g)].map(([, title = "", sql = ""]) => [
    title,
    sql,
  ]),
);

const pdf = (name: string, octets: number, content = name): NewContent["parts"][number] => ({
  ...{ number: "2", mimeType: "application/pdf", charset: null, fileName: name, disposition: "attachment" },
  ...{ contentId: null, octets, sha256: sha256(content), use: "attachment" },
});

/** What there is in a message, and what its header says. */
interface Mail extends Partial<NewContent> {
  readonly subject: string;
  readonly date: string;
  readonly from: string;
  readonly messageId?: string;
}

const MAIL: readonly Mail[] = [
  {
    subject: "Plans",
    date: "2026-11-02",
    from: "Ann@example.org",
    messageId: "<first@example.org>",
    text: "A MEETING on Monday?",
  },
  { subject: "Your invoice", date: "2026-11-03", from: "shop@example.org", parts: [pdf("7.pdf", 1000)] },
  { subject: "Order 8", date: "2026-11-04", from: "shop@example.org", parts: [pdf("Invoice 8.pdf", 7000)] },
  { subject: "Your invoice", date: "2026-10-31", from: "shop@example.org", parts: [pdf("6.pdf", 900)] },
  {
    subject: "Fwd: Your invoice",
    date: "2026-12-01",
    from: "ann@example.org",
    parts: [pdf("Again.pdf", 7000, "Invoice 8.pdf")],
  },
  {
    subject: "Your invoice",
    date: "2026-11-05",
    from: "shop@example.org",
    text: "No PDF: pay at the meeting.",
  },
  {
    subject: "Re: Plans",
    date: "2026-11-06",
    from: "ben@example.org",
    inReplyTo: "<first@example.org>",
    messageId: "<second@example.org>",
  },
  {
    subject: "Re: Re: Plans",
    date: "2026-11-07",
    from: "Ann <ann@example.org>",
    inReplyTo: "<second@example.org>",
    references: ["<first@example.org>", "<second@example.org>"],
  },
];

onEveryDatabase("the README's queries", (database) => {
  let store: TypeormStore;
  beforeAll(async () => {
    store = await database.openFresh();
    const { id: maildrop } = await store.openMaildrop("a");
    const stored = MAIL.map(({ subject, date, from, messageId }) =>
      message({ id: nextId(), subject, from, date: new Date(date), messageIdHeader: messageId ?? null }),
    );
    await store.transact(maildrop, GUARD, (tx) => tx.insertMessages(stored));
    const claimed = await store.contents.claim({ parser: 1, limit: 100, token: "t", ttlMs: 60_000 });
    const contents = claimed.map(({ id }): NewContent => {
      const { subject, date, from, messageId, ...change } =
        MAIL[stored.findIndex((one) => one.id === id)] ?? {};
      const address = /\S+@[^\s>]+/.exec(`${from}`.replace(/.*</, ""))?.[0] ?? "";
      return {
        ...{ id, parser: 1, text: "", textCut: false, html: null, preview: null, hasAttachment: false },
        ...{ inReplyTo: null, references: [], faults: [], parts: [] },
        ...change,
        addresses: [
          { role: "from", address, displayName: null },
          { role: "to", address: "me@example.org", displayName: null },
        ],
      };
    });
    await store.contents.keepAttachments([{ sha256: sha256("7.pdf"), content: contentOf(octets("7.pdf")) }]);
    expect(await store.contents.save("t", contents)).toHaveLength(MAIL.length);
  });

  async function answers(title: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const prefix = table().slice(0, -"message".length);
    const sql = queries.get(title) ?? "";
    return store.dataSource.query(sql.replaceAll("mailonce_", prefix));
  }

  const table = (): string =>
    `${store.dataSource.entityMetadatas.find(({ tableName }) => tableName.endsWith(tableNames("").message))?.tableName}`;

  it.each<[string, readonly Readonly<Record<string, unknown>>[]]>([
    [
      "Invoices with a PDF, of one month",
      [
        { subject: "Your invoice", file_name: "7.pdf" },
        { subject: "Order 8", file_name: "Invoice 8.pdf" },
      ],
    ],
    [
      "How many messages by whom",
      [{ address: "shop@example.org" }, { address: "ann@example.org" }, { address: "ben@example.org" }],
    ],
    [
      "The largest attachments, equal ones once",
      [{ file_name: "Invoice 8.pdf" }, { file_name: "7.pdf" }, { file_name: "6.pdf" }],
    ],
    [
      "A conversation: a message, what answers it, and what answers these",
      [{ subject: "Plans" }, { subject: "Re: Plans" }, { subject: "Re: Re: Plans" }],
    ],
    ["A file out of the database: its octets are these, one after the other", [{ file_name: "7.pdf" }]],
    ["Messages whose text has a word, the newest first", [{ subject: "Your invoice" }, { subject: "Plans" }]],
  ])("%s", async (title, expected) => {
    expect(await answers(title)).toMatchObject(expected);
  });

  it("count messages, octets and attachments right", async () => {
    const by = await answers("How many messages by whom");
    expect(by.map((row) => Number(row["messages"]))).toEqual([4, 3, 1]);
    const largest = await answers("The largest attachments, equal ones once");
    expect(largest.map((row) => [Number(row["octets"]), Number(row["times"])])).toEqual([
      ...[
        [7000, 2],
        [1000, 1],
        [900, 1],
      ],
    ]);
    expect(String(largest[0]?.["sha256"]).toLowerCase()).toBe(
      Buffer.from(sha256("Invoice 8.pdf")).toString("hex"),
    );
  });

  it("give a file as it was", async () => {
    const rows = await answers("A file out of the database: its octets are these, one after the other");
    expect(Buffer.concat(rows.map((row) => row["content"] as Uint8Array)).toString()).toBe("7.pdf");
  });

  it("are all run here", () => {
    expect(queries.size).toBe(6);
  });
});
