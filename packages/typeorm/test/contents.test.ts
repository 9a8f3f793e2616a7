import { randomBytes, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  type NewContent,
  type OpenStoreOptions,
  openExistingStore,
  openStore,
  type TypeormStore,
} from "../src/index.ts";
import { uuidToOctets } from "../src/values/uuid-octets.ts";
import { onEveryDatabase } from "./databases.ts";
import { collect, contentOf, message, nextId, octets, sha256, streamedContent } from "./samples.ts";

const GUARD = { generation: 0, leaseToken: null };
const YEARS_MS = 11 * 365 * 24 * 3_600_000;
const CLAIM = { parser: 1, limit: 100, token: "t", ttlMs: 60_000 };

/** Stores messages, as a fetch does. @returns their ids, those stored last first */
async function storeMessages(store: TypeormStore, ids: readonly string[]): Promise<readonly string[]> {
  const { id } = await store.openMaildrop("a");
  const messages = ids.map((one) =>
    message({ id: one, content: contentOf(octets(`Subject: x\r\n\r\n${one}`)) }),
  );
  await store.transact(id, GUARD, (tx) => tx.insertMessages(messages));
  return ids.toReversed();
}

const newIds = (count: number): readonly string[] => Array.from({ length: count }, () => nextId());

/** A UUIDv7 of that time. */
function idAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, "0");
  const tail = randomBytes(6).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${tail}`;
}

/** What was made of a message, in plain words where nothing else is said. */
function content(id: string, change: Partial<NewContent> = {}): NewContent {
  return {
    id,
    parser: 1,
    text: "Dear Ann,\nthe meeting is on Monday.\n",
    textCut: false,
    html: null,
    preview: "Dear Ann, the meeting is on Monday.",
    hasAttachment: false,
    inReplyTo: null,
    references: [],
    faults: [],
    parts: [],
    addresses: [],
    ...change,
  };
}

const idsOf = (claimed: readonly { readonly id: string }[]): readonly string[] => claimed.map(({ id }) => id);

/** Claims and saves until there is nothing to do. @returns the ids in the order in which they were claimed */
async function makeAll(store: TypeormStore, change: Partial<typeof CLAIM> = {}): Promise<readonly string[]> {
  const made: string[] = [];
  for (;;) {
    const claim = { ...CLAIM, ...change };
    const claimed = await store.contents.claim(claim);
    if (claimed.length === 0) return made;
    await store.contents.save(
      claim.token,
      claimed.map(({ id }) => content(id, { parser: claim.parser })),
    );
    made.push(...idsOf(claimed));
  }
}

/** The name of a table as it is in this store. */
function table(store: TypeormStore, end: string): string {
  const found = store.dataSource.entityMetadatas.find(({ tableName }) => tableName.endsWith(end));
  return `${found?.tableName}`;
}

/** Lets all claims of a token expire, as if their time were over. */
async function expire(store: TypeormStore, token: string): Promise<void> {
  await store.dataSource.query(
    `UPDATE ${table(store, "content_state")} SET claimed_until = '2020-01-01 00:00:00.000' WHERE claim_token = ?`,
    [token],
  );
}

async function count(store: TypeormStore, end: string): Promise<number> {
  const [row] = await store.dataSource.query(`SELECT COUNT(*) AS number FROM ${table(store, end)}`);
  return Number(row.number);
}

onEveryDatabase("claims of messages to be read", (database) => {
  it("give the newest first, each once, until all are made", async () => {
    const store = await database.open();
    const newestFirst = await storeMessages(store, newIds(25));
    expect(await store.contents.status(1)).toEqual({
      ...{ messages: 25, made: 0, outdated: 0, waiting: 25, claimed: 0, failed: 0 },
    });
    const first = await store.contents.claim({ ...CLAIM, limit: 10 });
    expect(first).toEqual(
      newestFirst.slice(0, 10).map((id) => ({ id, octets: 14 + id.length, attempts: 0 })),
    );
    expect(await store.contents.status(1)).toMatchObject({ made: 0, waiting: 15, claimed: 10 });
    expect(
      await store.contents.save(
        "t",
        first.map(({ id }) => content(id)),
      ),
    ).toEqual(idsOf(first).toSorted());
    expect(await store.contents.status(1)).toMatchObject({ made: 10, waiting: 15, claimed: 0 });
    expect(await makeAll(store, { limit: 7 })).toEqual(newestFirst.slice(10));
    expect(await store.contents.status(1)).toMatchObject({ made: 25, waiting: 0, claimed: 0 });
    const later = await storeMessages(store, [idAt(Date.now()), idAt(Date.now() + 1)]);
    expect(await makeAll(store)).toEqual(later);
  });

  it("give new mail before the rest of the old", async () => {
    const store = await database.open();
    const old = await storeMessages(store, newIds(6));
    expect(idsOf(await store.contents.claim({ ...CLAIM, limit: 2 }))).toEqual(old.slice(0, 2));
    const now = Date.now();
    const later = await storeMessages(store, [idAt(now), idAt(now + 1), idAt(now + 2)]);
    expect(idsOf(await store.contents.claim({ ...CLAIM, limit: 2 }))).toEqual(later.slice(0, 2));
    expect(idsOf(await store.contents.claim({ ...CLAIM, limit: 2 }))).toEqual([later[2], old[2]]);
    expect(idsOf(await store.contents.claim(CLAIM))).toEqual(old.slice(3));
    expect(await store.contents.claim(CLAIM)).toEqual([]);
  });

  it("give all, though much is stored while much waits, and nobody claims for a while", async () => {
    const store = await database.open();
    const now = Date.now();
    const old = await storeMessages(store, newIds(5));
    expect(idsOf(await store.contents.claim({ ...CLAIM, limit: 1 }))).toEqual(old.slice(0, 1));
    await store.dataSource.query(`UPDATE ${table(store, "content_mark")} SET looked_up_to = ?`, [
      Buffer.from(uuidToOctets(idAt(now - 7_200_000))),
    ]);
    const later = await storeMessages(
      store,
      [1, 2, 3].map((n) => idAt(now - 3_600_000 + n)),
    );
    expect(idsOf(await store.contents.claim({ ...CLAIM, limit: 2 }))).toEqual(later.slice(0, 2));
    expect(idsOf(await store.contents.claim({ ...CLAIM, limit: 2 }))).toEqual([later[2], old[1]]);
    expect(idsOf(await store.contents.claim(CLAIM))).toEqual(old.slice(2));
  });

  it("of two stores at once never overlap", async () => {
    const options = await database.fresh();
    await using one = await openStore(options);
    await using other = await openStore(options);
    const ids = await storeMessages(one, newIds(300));
    const claimed: string[] = [];
    let conflicts = 0;
    const work = async (store: TypeormStore, token: string): Promise<void> => {
      for (let round = 0; ; round++) {
        const block = await store.contents.claim({ ...CLAIM, token, limit: 1 + (round % 7) });
        if (block.length === 0) return;
        // Some are given back, and are claimed by whoever comes first.
        if (round % 5 === 4) {
          await store.contents.release(token);
          continue;
        }
        if (round % 3 === 0) expect(await store.contents.renew(token, 60_000)).toBe(block.length);
        const [saved] = await Promise.all([
          store.contents.save(
            token,
            block.map(({ id }) => content(id)),
          ),
          store.contents.renew(token, 60_000),
        ]);
        conflicts += block.length - saved.length;
        claimed.push(...saved);
      }
    };
    await Promise.all([work(one, "a"), work(other, "b"), work(one, "c"), work(other, "d")]);
    expect(conflicts).toBe(0);
    expect(claimed).toHaveLength(ids.length);
    expect(new Set(claimed)).toEqual(new Set(ids));
    expect(await one.contents.status(1)).toMatchObject({ made: 300, waiting: 0, claimed: 0 });
  });

  it("that expire come again alone, before all others, and after three attempts no more", async () => {
    const store = await database.open();
    const ids = await storeMessages(store, newIds(3));
    expect(await store.contents.claim({ ...CLAIM, limit: 2, token: "dead" })).toHaveLength(2);
    await expire(store, "dead");
    const [second, ...others] = await store.contents.claim({ ...CLAIM, token: "dead 2" });
    expect(second).toMatchObject({ attempts: 1 });
    expect(others).toEqual([]);
    const [third, ...more] = await store.contents.claim({ ...CLAIM, token: "alive" });
    expect(third).toMatchObject({ attempts: 1 });
    expect(more).toEqual([]);
    expect(new Set([second?.id, third?.id])).toEqual(new Set(ids.slice(0, 2)));
    await store.contents.save("alive", [content(third?.id ?? "")]);
    await expire(store, "dead 2");
    expect(await store.contents.claim({ ...CLAIM, token: "dead 3" })).toEqual([
      { id: second?.id, octets: expect.any(Number), attempts: 2 },
    ]);
    await expire(store, "dead 3");
    // Then it is given up, and the rest goes on.
    expect(await makeAll(store)).toEqual([ids[2]]);
    expect(await store.contents.status(1)).toMatchObject({ made: 2, failed: 1, claimed: 0, waiting: 0 });
    const [row] = await store.dataSource.query(
      `SELECT failure FROM ${table(store, "content_state")} WHERE state = 'failed'`,
    );
    expect(row.failure).toMatch(/did not come back, 3 times/);
  });

  it("that a wrong clock made last for years keep nobody off", async () => {
    const store = await database.open();
    const [id] = await storeMessages(store, newIds(1));
    await store.contents.claim({ ...CLAIM, token: "ahead", ttlMs: YEARS_MS });
    expect(await store.contents.claim({ ...CLAIM, token: "next" })).toMatchObject([{ id, attempts: 1 }]);
    expect(await store.contents.save("ahead", [content(id ?? "")])).toEqual([]);
    expect(await store.contents.save("next", [content(id ?? "")])).toEqual([id]);
  });

  it("that failed come again after all others, alone, and after three attempts no more", async () => {
    const store = await database.open();
    const ids = await storeMessages(store, newIds(3));
    const [id = ""] = ids;
    expect(await store.contents.claim({ ...CLAIM, limit: 2 })).toHaveLength(2);
    expect(await store.contents.fail("t", id, "cannot\0 be read")).toBe(true);
    expect(await store.contents.fail("t", id, "again")).toBe(false);
    expect(await store.contents.fail("other", ids[1] ?? "", "not its own")).toBe(false);
    expect(idsOf(await store.contents.claim(CLAIM))).toEqual([ids[2]]);
    for (const attempts of [1, 2]) {
      expect(await store.contents.claim(CLAIM)).toMatchObject([{ id, attempts }]);
      expect(await store.contents.claim(CLAIM)).toEqual([]);
      await store.contents.fail("t", id, "cannot\0 be read");
    }
    expect(await store.contents.claim(CLAIM)).toEqual([]);
    expect(await store.contents.status(1)).toMatchObject({ failed: 1, claimed: 2 });
    // A newer version tries it again, with three attempts of its own.
    expect(await store.contents.status(2)).toMatchObject({ failed: 0, waiting: 1 });
    expect(await store.contents.claim({ ...CLAIM, parser: 2 })).toMatchObject([{ id, attempts: 0 }]);
    await store.contents.fail("t", id, "cannot be read");
    expect(await store.contents.claim({ ...CLAIM, parser: 2 })).toMatchObject([{ id, attempts: 1 }]);
    expect(await store.contents.save("t", [content(id, { parser: 2 })])).toEqual([id]);
    expect(await store.contents.status(2)).toMatchObject({ made: 1, failed: 0 });
  });

  it("are free again when they are given back, without an attempt counted", async () => {
    const store = await database.open();
    const ids = await storeMessages(store, newIds(5));
    await store.contents.claim({ ...CLAIM, limit: 3 });
    await store.contents.save("t", [content(ids[1] ?? "")]);
    await store.contents.fail("t", ids[2] ?? "", "no");
    expect(await store.contents.release("t")).toBe(1);
    expect(await store.contents.release("t")).toBe(0);
    expect(await store.contents.claim({ ...CLAIM, token: "u" })).toMatchObject([
      { id: ids[0], attempts: 0 },
      { id: ids[3], attempts: 0 },
      { id: ids[4], attempts: 0 },
    ]);
    expect(await store.contents.claim({ ...CLAIM, token: "u" })).toMatchObject([{ id: ids[2], attempts: 1 }]);
    await store.contents.release("u");
    expect(await store.contents.claim({ ...CLAIM, token: "v" })).toHaveLength(3);
    expect(await store.contents.claim({ ...CLAIM, token: "v" })).toMatchObject([{ id: ids[2], attempts: 1 }]);
  });

  it("that were lost are not written", async () => {
    const store = await database.open();
    const ids = await storeMessages(store, newIds(2));
    const [lost = "", kept = ""] = ids;
    await store.contents.claim({ ...CLAIM, token: "slow" });
    expect(await store.contents.renew("slow", 60_000)).toBe(2);
    await store.dataSource.query(
      `UPDATE ${table(store, "content_state")} SET claimed_until = '2020-01-01 00:00:00.000' WHERE message_id = ?`,
      [Buffer.from(uuidToOctets(lost))],
    );
    expect(await store.contents.claim({ ...CLAIM, token: "quick" })).toMatchObject([{ id: lost }]);
    const made = ids.map((id) => content(id, { text: "slow" }));
    expect(await store.contents.save("slow", made)).toEqual([kept]);
    expect(await store.contents.read(lost)).toBeNull();
    expect(await store.contents.save("quick", [content(lost, { text: "quick" })])).toEqual([lost]);
    expect(await store.contents.save("slow", made)).toEqual([]);
    expect(await store.contents.read(lost)).toMatchObject({ text: "quick" });
    expect(await store.contents.read(kept)).toMatchObject({ text: "slow" });
  });

  it("that expired and that nobody has taken since are saved, or renewed", async () => {
    const store = await database.open();
    const ids = await storeMessages(store, newIds(2));
    await store.contents.claim(CLAIM);
    await expire(store, "t");
    expect(await store.contents.save("t", [content(ids[0] ?? "")])).toEqual([ids[0]]);
    expect(await store.contents.renew("t", 60_000)).toBe(1);
    expect(await store.contents.claim({ ...CLAIM, token: "u" })).toEqual([]);
  });

  it("find at once what is stored late, and by an exact look what a wrong clock stored far in the past", async () => {
    const store = await database.open();
    const now = Date.now();
    await storeMessages(store, [idAt(now - 3_600_000), idAt(now)]);
    expect(await makeAll(store)).toHaveLength(2);
    // Another process's commit took some time.
    const late = await storeMessages(store, [idAt(now - 20_000)]);
    expect(await makeAll(store)).toEqual(late);
    const wrong = await storeMessages(store, [idAt(now - 7_200_000), idAt(now - 3_000_000)]);
    expect(await makeAll(store)).toEqual([]);
    const exact = { ...CLAIM, token: "exact", exact: true, limit: 1 };
    expect(idsOf(await store.contents.claim(exact))).toEqual(wrong.slice(0, 1));
    expect(idsOf(await store.contents.claim(exact))).toEqual(wrong.slice(1));
    expect(await store.contents.claim(exact)).toEqual([]);
    // Its look is over, and a new one is another token's.
    const more = await storeMessages(store, [idAt(now - 2_000_000)]);
    expect(await store.contents.claim(exact)).toEqual([]);
    expect(idsOf(await store.contents.claim({ ...exact, token: "exact 2" }))).toEqual(more);
    expect(
      await store.contents.save(
        "exact",
        wrong.map((id) => content(id)),
      ),
    ).toHaveLength(2);
    // A clock that is ahead hides nothing.
    const ahead = await storeMessages(store, [idAt(now + YEARS_MS)]);
    expect(await makeAll(store)).toEqual(ahead);
    const next = await storeMessages(store, [idAt(now + 1000)]);
    expect(await makeAll(store)).toEqual(next);
  });

  it.each([
    ["six hours after the last one", "looked_at = '2020-01-01 00:00:00.000'"],
    ["when the last one is said to be in years to come", "looked_at = '2999-01-01 00:00:00.000'"],
    ["when the mark is ahead of the present", "looked_up_to = gap_from"],
  ])("begin an exact look by themselves %s", async (_, change) => {
    const store = await database.open();
    const now = Date.now();
    await storeMessages(store, [idAt(now - 3_600_000)]);
    await makeAll(store);
    const wrong = await storeMessages(store, [idAt(now - 7_200_000)]);
    expect(await makeAll(store)).toEqual([]);
    const mark = table(store, "content_mark");
    await store.dataSource.query(`UPDATE ${mark} SET gap_from = ?, gap_to = gap_from`, [
      Buffer.from(uuidToOctets(idAt(now + YEARS_MS))),
    ]);
    expect(await makeAll(store)).toEqual([]);
    await store.dataSource.query(`UPDATE ${mark} SET ${change}`);
    expect(await makeAll(store)).toEqual(wrong);
  });

  it("go over many messages that are made already in steps, down to those that are not", async () => {
    const store = await database.open();
    const { id: maildropId } = await store.openMaildrop("a");
    const names = { message: table(store, "_message"), state: table(store, "content_state") };
    const from = 0x0190_0000_0000;
    const rows = Array.from({ length: 25_000 }, (_, n) => Buffer.from(uuidToOctets(idAt(from + n))));
    const insert = async (head: string, tail: readonly unknown[], few: readonly Buffer[]) => {
      for (let at = 0; at < few.length; at += 1000) {
        const part = few.slice(at, at + 1000);
        const row = `(?,?${",?".repeat(tail.length)})`;
        await store.dataSource.query(
          `${head} VALUES ${part.map(() => row).join(",")}`,
          part.flatMap((key) => [key, Buffer.concat([key, key]), ...tail]),
        );
      }
    };
    const time = "2026-01-01 00:00:00.000";
    await insert(
      `INSERT INTO ${names.message} (id, digest, sha256, maildrop_id, copy_number, octets, stored_at)`,
      [Buffer.alloc(32), maildropId, 0, 1, time],
      rows,
    );
    for (let at = 0; at < rows.length; at += 1000) {
      // All but the first 3, the oldest ones, and one in the middle.
      const made = rows.slice(at, at + 1000).filter((_, n) => at + n > 2 && at + n !== 12_345);
      await store.dataSource.query(
        `INSERT INTO ${names.state} (message_id, state, parser, changed_at, attempts) VALUES ${made.map(() => `(?, 'made', 1, '${time}', 0)`).join(",")}`,
        made,
      );
    }
    const keys = await makeAll(store, { limit: 2 });
    expect(keys.map((id) => rows.findIndex((row) => row.equals(uuidToOctets(id))))).toEqual([
      12_345, 2, 1, 0,
    ]);
    expect(await store.contents.status(1)).toMatchObject({ made: 25_000, waiting: 0 });
  });

  it("give what an older version has made, and what was made before a time", async () => {
    const store = await database.open();
    const ids = await storeMessages(store, newIds(4));
    await makeAll(store);
    expect(await store.contents.claim(CLAIM)).toEqual([]);
    expect(await store.contents.status(2)).toMatchObject({ made: 0, outdated: 4, waiting: 4 });
    expect((await makeAll(store, { parser: 2, limit: 3 })).toSorted()).toEqual(ids.toSorted());
    expect(await store.contents.status(2)).toMatchObject({ made: 4, outdated: 0, waiting: 0 });
    // An older program leaves it as it is.
    expect(await store.contents.claim(CLAIM)).toEqual([]);
    const rebuildBefore = new Date((await store.contents.present()).getTime() + 1);
    const rebuild = { ...CLAIM, parser: 2, limit: 3, rebuildBefore };
    const again: string[] = [];
    for (;;) {
      const claimed = await store.contents.claim(rebuild);
      if (claimed.length === 0) break;
      again.push(...idsOf(claimed));
      // What is made at that very time counts as made before it.
      while ((await store.contents.present()) <= rebuildBefore);
      await store.contents.save(
        "t",
        claimed.map(({ id }) => content(id, { parser: 2, text: "anew" })),
      );
    }
    expect(new Set(again)).toEqual(new Set(ids));
    expect(again).toHaveLength(4);
    expect(await store.contents.read(ids[0] ?? "")).toMatchObject({ text: "anew", parser: 2 });
    expect(await count(store, "message_content")).toBe(4);
  });
});

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
    for (const one of ["a", "b"]) await store.contents.keepAttachment(sha256(one), contentOf(octets(one)));
    await store.contents.drop();
    for (const one of [
      "message_content",
      "message_part",
      "message_address",
      "content_state",
      "attachment",
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
