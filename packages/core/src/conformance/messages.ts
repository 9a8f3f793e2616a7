import assert from "node:assert/strict";
import { latin1 } from "../message/octets.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Messages } from "../ports/messages.ts";
import { PART_OCTETS } from "../ports/spool.ts";
import { type ConformanceCase, type Opens, opened } from "./case.ts";
import { all, contentOf, GUARD, message, noise, sha256 } from "./sample.ts";

/** What every {@link Messages} must do. */
export const messageConformance: readonly ConformanceCase<Opens<Ledger & Messages>>[] = [
  opened("contents of every size come back octet by octet", async (store) => {
    const { id } = await store.openMaildrop("ben");
    for (const size of [0, 1, PART_OCTETS - 1, PART_OCTETS, PART_OCTETS + 1, 3_000_000]) {
      const written = message(noise(size), { digest: sha256(`size ${size}`) });
      await store.transact(id, GUARD, (tx) => tx.insertMessages([written]));
      assert.ok(Buffer.from(noise(size)).equals(await contentOf(store, written.id)), `${size} octets`);
    }
  }),
  opened("a content that is streamed comes back octet by octet", async (store) => {
    const { id } = await store.openMaildrop("ben");
    const part = noise(100_003);
    const written = message({
      octets: 30 * part.length,
      bytes: null,
      async *read() {
        for (let n = 0; n < 30; n++) yield part;
      },
      async discard() {},
    });
    await store.transact(id, GUARD, (tx) => tx.insertMessages([written]));
    const expected = Buffer.concat(Array.from({ length: 30 }, () => part));
    assert.ok(expected.equals(await contentOf(store, written.id)));
  }),
  opened("header fields never fail a message", async (store) => {
    const { id } = await store.openMaildrop("ben");
    const long = "😀".repeat(3000);
    const odd = message("odd", {
      subject: long,
      from: "nul \0 and half a \ud83d surrogate",
      to: long,
      messageIdHeader: long,
      date: new Date(Number.NaN),
    });
    await store.transact(id, GUARD, (tx) => tx.insertMessages([odd]));
    const [stored] = await store.findMessages(odd.id);
    assert.ok(stored?.subject?.startsWith("😀😀😀"));
    assert.equal(latin1(await contentOf(store, odd.id)), "odd");
  }),
  opened("messages are listed newest first, by maildrop, and at most as many as asked for", async (store) => {
    const ben = await store.openMaildrop("ben");
    const ann = await store.openMaildrop("ann");
    for (const subject of ["a", "b", "c"])
      await store.transact(ben.id, GUARD, (tx) => tx.insertMessages([message(subject, { subject })]));
    await store.transact(ann.id, GUARD, (tx) => tx.insertMessages([message("d", { subject: "d" })]));
    const subjects = async (query?: { maildrop?: string; limit?: number }): Promise<(string | null)[]> =>
      (await all(store.messages(query))).map(({ subject }) => subject);
    assert.deepEqual(await subjects(), ["d", "c", "b", "a"]);
    assert.deepEqual(await subjects({ maildrop: "ben", limit: 2 }), ["c", "b"]);
    assert.deepEqual(await subjects({ maildrop: "nobody" }), []);
  }),
  opened(
    "messages are listed by their own dates where that is asked for, those without one by when they were stored",
    async (store) => {
      const { id } = await store.openMaildrop("ben");
      const storedAt = new Date("2026-05-05T12:00:00.500Z");
      const dates: Readonly<Record<string, Date | null>> = {
        first: new Date("2026-05-05T12:00:00.499Z"),
        second: new Date("1999-12-31T23:59:59Z"),
        third: null,
        fourth: new Date("2026-05-05T12:00:00.501Z"),
        fifth: new Date("2026-05-05T12:00:00.501Z"),
      };
      for (const [subject, date] of Object.entries(dates))
        await store.transact(id, GUARD, (tx) =>
          tx.insertMessages([message(subject, { subject, date, dateKind: date && "stated", storedAt })]),
        );
      const subjects = async (limit?: number): Promise<(string | null)[]> => {
        const query = { order: "date", ...(limit === undefined ? {} : { limit }) } as const;
        return (await all(store.messages(query))).map(({ subject }) => subject);
      };
      const sorted = ["fifth", "fourth", "third", "first", "second"];
      assert.deepEqual(await subjects(), sorted);
      assert.deepEqual(await subjects(3), sorted.slice(0, 3));
      assert.deepEqual(
        (await all(store.messages({ maildrop: "nobody", order: "date" }))).map(({ subject }) => subject),
        [],
      );
    },
  ),
  opened("a message is found by the beginning of its id", async (store) => {
    const { id } = await store.openMaildrop("ben");
    const ids = ["0190aaaa-0000-7000-8000-000000000001", "0190aaaa-0000-7000-8000-000000000002"];
    await store.transact(id, GUARD, (tx) =>
      tx.insertMessages(ids.map((one, copy) => message("same", { id: one, copy }))),
    );
    const found = async (prefix: string): Promise<number> => (await store.findMessages(prefix)).length;
    assert.equal(await found(ids[0] ?? ""), 1);
    assert.equal(await found("0190aaaa-0000-7"), 2);
    assert.equal(await found("0190aaab"), 0);
    assert.equal(await found("0190%"), 0);
  }),
  opened(
    "a message's hooks are in the outbox with it, and with a transaction that throws they are gone",
    async (store) => {
      const { id } = await store.openMaildrop("ben");
      const told = message("told", { hooks: ["Web", "web"] });
      const untold = message("untold");
      await store.transact(id, GUARD, (tx) => tx.insertMessages([told, untold]));
      assert.deepEqual(await store.pendingHooks(told.id), ["Web", "web"]);
      assert.deepEqual(await store.pendingHooks(untold.id), []);
      const undone = message("undone", { hooks: ["web"] });
      const failing = store.transact(id, GUARD, async (tx) => {
        await tx.insertMessages([undone]);
        throw new Error("on purpose");
      });
      await assert.rejects(failing, /on purpose/);
      assert.deepEqual(await store.pendingHooks(undone.id), []);
    },
  ),
];
