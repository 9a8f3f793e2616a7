import { expect, it } from "vitest";
import { openStore, type TypeormStore } from "../src/index.ts";
import { uuidToOctets } from "../src/values/uuid-octets.ts";
import {
  CLAIM,
  content,
  count,
  expire,
  idAt,
  idsOf,
  makeAll,
  newIds,
  storeMessages,
  table,
  YEARS_MS,
} from "./content-samples.ts";
import { onEveryDatabase } from "./databases.ts";

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

  it("pass over what was removed by hand between the look and the claim", async () => {
    const store = await database.open();
    const [newest, ...others] = await storeMessages(store, newIds(3));
    const removing = store.dataSource.createQueryRunner();
    await removing.startTransaction();
    await removing.query(`DELETE FROM ${table(store, "_message")} WHERE id = ?`, [
      Buffer.from(uuidToOctets(newest ?? "")),
    ]);
    // Where transactions see what was there before it finds the message, and waits for what becomes of it.
    const claiming = store.contents.claim(CLAIM);
    await Promise.race([claiming, new Promise((go) => setTimeout(go, 300))]);
    await removing.commitTransaction();
    await removing.release();
    expect(idsOf(await claiming)).toEqual(others);
    expect(await store.contents.claim(CLAIM)).toEqual([]);
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
    await store.contents.save("exact 2", [content(more[0] ?? "")]);
    expect(await store.contents.claim({ ...exact, token: "exact 3" })).toEqual([]);
    const last = await storeMessages(store, [idAt(now - 2_500_000)]);
    expect(idsOf(await store.contents.claim({ ...exact, token: "exact 4" }))).toEqual(last);
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
