import assert from "node:assert/strict";
import {
  ContentRefusedError,
  DuplicateKeyError,
  GuardFailedError,
  TransactionConflictError,
} from "../errors.ts";
import { latin1 } from "../message/octets.ts";
import { ITEMS_A_CALL, type Ledger } from "../ports/ledger.ts";
import type { KnownEntry, LedgerEntry } from "../ports/ledger-entry.ts";
import type { Messages } from "../ports/messages.ts";
import { type ConformanceCase, type Opens, opened } from "./case.ts";
import {
  all,
  contentOf,
  entry,
  GUARD,
  knownEntries,
  message,
  octets,
  plain,
  sha256,
  sorted,
} from "./sample.ts";

/** What every {@link Ledger} must do. */
export const ledgerConformance: readonly ConformanceCase<Opens<Ledger & Messages>>[] = [
  opened("a message and its ledger entry come back as they were written", async (store) => {
    const { id } = await store.openMaildrop("ben");
    const written = message("Subject: x\r\n\r\nbody\r\n");
    const row = entry("uid-1", { disposition: "stored", messageId: written.id });
    await store.transact(id, GUARD, async (tx) => {
      await tx.insertMessages([written]);
      await tx.insertEntries([row]);
    });
    assert.deepEqual(plain(await store.entries(id, [octets("uid-1")])), plain([row]));
    const { content: _content, digest: _digest, copy: _copy, ...stored } = written;
    assert.deepEqual(plain(await all(store.messages())), plain([{ ...stored, maildrop: "ben" }]));
    assert.deepEqual(plain(await store.findMessages(written.id)), plain([{ ...stored, maildrop: "ben" }]));
    assert.equal(latin1(await contentOf(store, written.id)), "Subject: x\r\n\r\nbody\r\n");
  }),
  opened("every column of a ledger entry is kept", async (store) => {
    const { id } = await store.openMaildrop("ben");
    const rows = [
      entry("null columns", { octets: null, headerDigest: null, coreOctets: null, strong: false }),
      entry("\nFclass", { classUniqueId: octets("shared"), occurrences: 7 }),
      entry("bound", { bound: true, octets: 5_000_000_000, coreOctets: 4_999_999_999 }),
      entry("skipped", { disposition: "skipped", criteriaDigest: sha256("criteria") }),
      entry("waiting", {
        disposition: "waiting",
        criteriaDigest: sha256("criteria"),
        due: new Date("2026-12-23T01:02:03.004Z"),
      }),
      entry("deferred", {
        disposition: "deferred",
        attempts: 3,
        reason: { code: "refused", message: "the server refused RETR: „nein“" },
        due: new Date("2026-11-23T01:02:03.004Z"),
      }),
    ];
    await store.transact(id, GUARD, (tx) => tx.insertEntries(rows));
    const read = await store.entries(
      id,
      rows.map(({ identity }) => identity),
    );
    assert.deepEqual(plain(sorted(read)), plain(sorted(rows)));
  }),
  opened("identities are compared octet by octet", async (store) => {
    const { id } = await store.openMaildrop("ben");
    const ids = [
      "AbC",
      "abc",
      "ABC",
      "abc ",
      " abc",
      "abc\0",
      "ab\xe9",
      "abe",
      "ab\xe8",
      "\xc3\xa9",
      "\xff",
      "\n",
      "x".repeat(255),
      `${"x".repeat(254)}y`,
    ];
    await store.transact(id, GUARD, (tx) => tx.insertEntries(ids.map((one) => entry(one))));
    const known = await knownEntries(store, id);
    assert.deepEqual(new Set(known.map(({ identity }) => latin1(identity))), new Set(ids));
    assert.equal(known.length, ids.length);
    for (const one of ids) {
      const [found, ...more] = await store.entries(id, [octets(one)]);
      assert.equal(found && latin1(found.identity), one);
      assert.equal(more.length, 0);
    }
    assert.equal((await store.entries(id, [octets("aBc"), octets("abc  ")])).length, 0);
  }),
  opened(
    "the known entries of a maildrop are all handed out, with what telling known from new needs",
    async (store) => {
      const { id } = await store.openMaildrop("ben");
      const other = await store.openMaildrop("ann");
      const written = message("one");
      const rows = Array.from({ length: 12_000 }, (_, n) => entry(identityOf(n), kindOf(n, written.id)));
      await store.transact(id, GUARD, async (tx) => {
        await tx.insertMessages([written]);
        for (let from = 0; from < rows.length; from += 500)
          await tx.insertEntries(rows.slice(from, from + 500));
      });
      await store.transact(other.id, GUARD, (tx) => tx.insertEntries([entry("somebody else's")]));
      for await (const block of store.knownEntries(id)) assert.ok(block.length <= 10_000);
      const key = Buffer.from(written.id.replaceAll("-", ""), "hex");
      const wanted = rows.map(
        ({ identity, disposition, messageId, octets, criteriaDigest, bound, attempts, due }): KnownEntry => ({
          ...{ identity, disposition, octets, criteriaDigest, bound, attempts, due },
          messageKey: messageId === null ? null : key,
        }),
      );
      assert.deepEqual(plain(byIdentity(await knownEntries(store, id))), plain(byIdentity(wanted)));
    },
  ),
  opened("a transaction that throws leaves nothing behind", async (store) => {
    const { id } = await store.openMaildrop("ben");
    await store.transact(id, GUARD, (tx) => tx.insertEntries([entry("before")]));
    const written = message("gone");
    const attempt = store.transact(id, GUARD, async (tx) => {
      await tx.insertMessages([written]);
      await tx.insertEntries([entry("gone")]);
      await tx.updateEntries([entry("before", { octets: 99 })]);
      await tx.deleteEntries([octets("before")]);
      await tx.updateMaildrop({ generation: 5 });
      throw new Error("enough");
    });
    await assert.rejects(attempt, /enough/);
    assert.equal((await store.entries(id, [octets("gone")])).length, 0);
    assert.equal((await store.entries(id, [octets("before")]))[0]?.octets, 1234);
    assert.equal((await store.findMaildrop("ben"))?.generation, 0);
    assert.equal((await all(store.messages())).length, 0);
    await assert.rejects(contentOf(store, written.id));
  }),
  opened(
    "a second entry of one identity is a duplicate key, and nothing of its transaction stands",
    async (store) => {
      const { id } = await store.openMaildrop("ben");
      await store.transact(id, GUARD, (tx) => tx.insertEntries([entry("uid-1")]));
      const attempt = store.transact(id, GUARD, async (tx) => {
        await tx.insertEntries([entry("uid-0")]);
        await tx.insertEntries([entry("uid-1"), entry("uid-2")]);
      });
      await assert.rejects(attempt, DuplicateKeyError);
      assert.equal((await store.entries(id, ["uid-0", "uid-1", "uid-2"].map(octets))).length, 1);
    },
  ),
  opened(
    "a second message of one digest and copy is a duplicate key; the next copy is not",
    async (store) => {
      const { id } = await store.openMaildrop("ben");
      const other = await store.openMaildrop("ann");
      await store.transact(id, GUARD, (tx) => tx.insertMessages([message("same")]));
      await assert.rejects(
        store.transact(id, GUARD, (tx) => tx.insertMessages([message("other"), message("same")])),
        DuplicateKeyError,
      );
      await store.transact(id, GUARD, (tx) => tx.insertMessages([message("same", { copy: 1 })]));
      await store.transact(other.id, GUARD, (tx) => tx.insertMessages([message("same")]));
      const copies = await store.transact(id, GUARD, (tx) => tx.copies([sha256("same"), sha256("nothing")]));
      assert.deepEqual(copies.map(({ copy }) => copy).sort(), [0, 1]);
      assert.equal((await all(store.messages())).length, 3);
    },
  ),
  opened("a transaction under another generation is refused before it does anything", async (store) => {
    const { id } = await store.openMaildrop("ben");
    let ran = false;
    const attempt = store.transact(id, { ...GUARD, generation: 1 }, async () => {
      ran = true;
    });
    await assert.rejects(attempt, GuardFailedError);
    assert.equal(ran, false);
  }),
  opened(
    "rows are found by class, by message and by header, inside the transaction that wrote them too",
    async (store) => {
      const { id } = await store.openMaildrop("ben");
      const written = message("one");
      await store.transact(id, GUARD, async (tx) => {
        await tx.insertMessages([written]);
        await tx.insertEntries([
          entry("plain", { disposition: "stored", messageId: written.id }),
          entry("\nFa", { classUniqueId: octets("shared"), headerDigest: sha256("a") }),
          entry("\nFb", { classUniqueId: octets("Shared"), headerDigest: sha256("b") }),
        ]);
        const ids = (rows: readonly { identity: Uint8Array }[]): string[] =>
          rows.map((row) => latin1(row.identity));
        assert.deepEqual(ids(await tx.entries([octets("plain"), octets("none")])), ["plain"]);
        assert.deepEqual(ids(await tx.classEntries([octets("shared")])), ["\nFa"]);
        assert.deepEqual(ids(await tx.entriesNaming([written.id])), ["plain"]);
        assert.deepEqual(ids(await tx.entriesWithHeader([sha256("b"), sha256("c")])), ["\nFb"]);
        assert.deepEqual(
          (await tx.copies([written.digest])).map(({ messageId, copy }) => ({ messageId, copy })),
          [{ messageId: written.id, copy: 0 }],
        );
        assert.deepEqual(await tx.classEntries([]), []);
        assert.deepEqual(await tx.entries([]), []);
      });
    },
  ),
  opened("an entry is replaced but for when it was first seen, and deleted", async (store) => {
    const { id } = await store.openMaildrop("ben");
    const first = entry("uid-1", { attempts: 2, due: new Date("2026-11-23T00:00:00Z") });
    const changed = entry("uid-1", { disposition: "skipped", criteriaDigest: sha256("c"), octets: 1 });
    await store.transact(id, GUARD, (tx) => tx.insertEntries([first, entry("uid-2")]));
    await store.transact(id, GUARD, (tx) =>
      tx.updateEntries([{ ...changed, firstSeen: new Date("2030-01-01T00:00:00Z") }]),
    );
    assert.deepEqual(plain(await store.entries(id, [octets("uid-1")])), plain([changed]));
    await store.transact(id, GUARD, (tx) => tx.deleteEntries([octets("uid-1")]));
    assert.equal((await store.entries(id, [octets("uid-1"), octets("uid-2")])).length, 1);
  }),
  opened("a row is rejected by other criteria, and nothing else of it changes", async (store) => {
    const { id } = await store.openMaildrop("ben");
    const rows = ["uid-1", "uid-2", "uid-3"].map((uid) =>
      entry(uid, { disposition: "skipped", criteriaDigest: sha256("old"), attempts: 3 }),
    );
    await store.transact(id, GUARD, (tx) => tx.insertEntries(rows));
    const [first, , third] = ["uid-1", "uid-2", "uid-3"].map(octets);
    const some = [third, octets("uid-4"), first].flatMap((identity) => identity ?? []);
    await store.transact(id, GUARD, (tx) => tx.rejectEntries(some, sha256("new")));
    const rolledBack = store.transact(id, GUARD, async (tx) => {
      await tx.rejectEntries(some, null);
      throw new Error("enough");
    });
    await assert.rejects(rolledBack, /enough/);
    const expected = rows.map((row, n) => (n === 1 ? row : { ...row, criteriaDigest: sha256("new") }));
    for (const row of expected)
      assert.deepEqual(plain(await store.entries(id, [row.identity])), plain([row]));
  }),
  opened("a call takes as many keys, rows or messages as the port says", async (store) => {
    const { id } = await store.openMaildrop("ben");
    const numbers = Array.from({ length: ITEMS_A_CALL }, (_, n) => n);
    const messages = numbers.map((n) => message(`number ${n}`));
    const rows = messages.map((one, n) =>
      entry(`uid-${n}`, {
        disposition: "stored",
        messageId: one.id,
        headerDigest: sha256(`header ${n}`),
        classUniqueId: octets(`class ${n}`),
      }),
    );
    const identities = rows.map(({ identity }) => identity);
    const found = async (some: Promise<readonly unknown[]>) =>
      assert.equal((await some).length, ITEMS_A_CALL);
    await store.transact(id, GUARD, async (tx) => {
      await tx.insertMessages(messages);
      await tx.insertEntries(rows);
      await found(tx.entries(identities));
      await found(tx.classEntries(numbers.map((n) => octets(`class ${n}`))));
      await found(tx.entriesNaming(messages.map((one) => one.id)));
      await found(tx.entriesWithHeader(numbers.map((n) => sha256(`header ${n}`))));
      await found(tx.copies(messages.map(({ digest }) => digest)));
      await tx.updateEntries(rows.map((row) => ({ ...row, octets: 7 })));
      await tx.rejectEntries(identities, null);
    });
    const updated = await store.entries(id, identities);
    assert.equal(updated.filter((row) => row.octets === 7).length, ITEMS_A_CALL);
    await store.transact(id, GUARD, (tx) => tx.deleteEntries(identities));
    assert.deepEqual(await store.entries(id, identities), []);
  }),
  opened("of two transactions that write one identity at once, one stands", async (store) => {
    const { id } = await store.openMaildrop("ben");
    const results = await Promise.allSettled(
      [1, 2, 3, 4].map((n) =>
        store.transact(id, GUARD, async (tx) => {
          await tx.insertMessages([message(`content ${n}`)]);
          await tx.insertEntries([entry("uid-1", { octets: n })]);
        }),
      ),
    );
    const failed = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    assert.equal(failed.length, 3);
    for (const error of failed)
      assert.ok(
        error instanceof DuplicateKeyError || error instanceof TransactionConflictError,
        String(error),
      );
    assert.equal((await all(store.messages())).length, 1);
    assert.equal((await knownEntries(store, id)).length, 1);
  }),
  opened("transactions on two maildrops at once do not touch each other, though one fails", async (store) => {
    const ben = await store.openMaildrop("ben");
    const ann = await store.openMaildrop("ann");
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        store.transact(n % 2 === 0 ? ben.id : ann.id, GUARD, async (tx) => {
          await tx.insertEntries([entry(`uid-${n}`)]);
          if (n % 2 === 1) throw new ContentRefusedError("no");
        }),
      ),
    );
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 10);
    assert.equal((await knownEntries(store, ben.id)).length, 10);
    assert.equal((await knownEntries(store, ann.id)).length, 0);
  }),
];

/** The n-th of many different identities of 3 to 255 octets; together they have every octet. */
function identityOf(n: number): Uint8Array {
  return Uint8Array.from({ length: 3 + ((n * 31) % 253) }, (_, at) => (at < 2 ? n >> (8 * at) : n + at));
}

/** The values by which the n-th of many rows differs from the others: all dispositions, with and without octets. */
function kindOf(n: number, messageId: string): Partial<LedgerEntry> {
  const due = new Date(Date.UTC(2027, 0, 1, 0, 0, 0, n));
  const stored = { disposition: "stored", messageId } as const;
  const kinds: readonly Partial<LedgerEntry>[] = [
    { ...stored, octets: n },
    { ...stored, octets: 6_000_000_000 + n, bound: true },
    { ...stored, octets: null },
    { ...stored, octets: n, attempts: 2, due },
    { disposition: "skipped", octets: n, criteriaDigest: sha256(`${n % 2}`) },
    { disposition: "baseline", octets: n, bound: n % 2 === 0 },
    { disposition: "deferred", octets: n, attempts: 1, due },
  ];
  return kinds[n % (kinds.length + 3)] ?? { ...stored, octets: Number.MAX_SAFE_INTEGER - n };
}

function byIdentity(entries: readonly KnownEntry[]): readonly KnownEntry[] {
  return entries.toSorted((a, b) => Buffer.compare(a.identity, b.identity));
}
