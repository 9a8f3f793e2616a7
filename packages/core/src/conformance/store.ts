import assert from "node:assert/strict";
import {
  ContentRefusedError,
  DuplicateKeyError,
  GuardFailedError,
  TransactionConflictError,
} from "../errors.ts";
import { latin1 } from "../message/octets.ts";
import { type LeaseRequest, LONGEST_LEASE_MS } from "../ports/leases.ts";
import { ITEMS_A_CALL } from "../ports/ledger.ts";
import type { KnownEntry, LedgerEntry } from "../ports/ledger-entry.ts";
import type { MessageStore } from "../ports/store.ts";
import type { ConformanceCase } from "./case.ts";
import { all, contentOf, entry, GUARD, message, noise, octets, sha256 } from "./sample.ts";

/** How a case gets at the store under test. */
export interface StoreContext {
  /** An empty store. */
  open(): Promise<MessageStore>;
}

/** What every {@link MessageStore} must do. */
export const storeConformance: readonly ConformanceCase<StoreContext>[] = [
  {
    name: "a maildrop is made once, and looking for one makes none",
    async run({ open }) {
      const store = await open();
      assert.equal(await store.findMaildrop("ben"), null);
      const opened = await store.openMaildrop("ben");
      assert.deepEqual(await store.openMaildrop("ben"), opened);
      assert.deepEqual(await store.findMaildrop("ben"), opened);
      assert.notEqual((await store.openMaildrop("Ben")).id, opened.id);
      const { topProven, uniqueIdsTrusted, mark, endedCleanly, generation, sequential, lastCount, utf8 } =
        opened;
      assert.deepEqual(
        { topProven, uniqueIdsTrusted, mark, endedCleanly, generation, sequential, lastCount, utf8 },
        {
          topProven: null,
          uniqueIdsTrusted: true,
          mark: null,
          endedCleanly: true,
          generation: 0,
          sequential: false,
          lastCount: 0,
          utf8: null,
        },
      );
    },
  },
  {
    name: "two who open a maildrop at once get the same",
    async run({ open }) {
      const store = await open();
      const opened = await Promise.all([1, 2, 3, 4].map(() => store.openMaildrop("ben")));
      assert.equal(new Set(opened.map(({ id }) => id)).size, 1);
    },
  },
  {
    name: "a message and its ledger entry come back as they were written",
    async run({ open }) {
      const store = await open();
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
    },
  },
  {
    name: "every column of a ledger entry is kept",
    async run({ open }) {
      const store = await open();
      const { id } = await store.openMaildrop("ben");
      const rows = [
        entry("null columns", { octets: null, headerDigest: null, coreOctets: null, strong: false }),
        entry("\nFclass", { classUniqueId: octets("shared"), occurrences: 7 }),
        entry("bound", { bound: true, octets: 5_000_000_000, coreOctets: 4_999_999_999 }),
        entry("skipped", { disposition: "skipped", criteriaDigest: sha256("criteria") }),
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
    },
  },
  {
    name: "every fact of a maildrop is kept",
    async run({ open }) {
      const store = await open();
      const { id } = await store.openMaildrop("ben");
      const facts = {
        generation: 4,
        mark: {
          criteriaDigest: sha256("criteria"),
          count: 1_000_000,
          uidlOctets: 25_000_000,
          listOctets: 12_000_000,
          digest: sha256("listing"),
        },
        uniqueIdsTrusted: false,
        topProven: true,
        retrievalHides: true,
        sequential: true,
        utf8: true,
        endedCleanly: false,
        lastCount: 1_000_000,
        pauseReason: "login refused",
        lastRun: new Date("2026-11-22T01:02:03.456Z"),
      };
      await store.transact(id, GUARD, (tx) => tx.updateMaildrop(facts));
      assert.deepEqual(plain(await store.findMaildrop("ben")), plain({ id, name: "ben", ...facts }));
      await store.transact(id, { ...GUARD, generation: 4 }, (tx) =>
        tx.updateMaildrop({ mark: null, topProven: false }),
      );
      assert.deepEqual(
        plain(await store.findMaildrop("ben")),
        plain({ id, name: "ben", ...facts, mark: null, topProven: false }),
      );
    },
  },
  {
    name: "identities are compared octet by octet",
    async run({ open }) {
      const store = await open();
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
    },
  },
  {
    name: "the known entries of a maildrop are all handed out, with what telling known from new needs",
    async run({ open }) {
      const store = await open();
      const { id } = await store.openMaildrop("ben");
      const other = await store.openMaildrop("ann");
      const written = message("one");
      const rows = Array.from({ length: 7000 }, (_, n) => entry(identityOf(n), kindOf(n, written.id)));
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
  },
  {
    name: "a transaction that throws leaves nothing behind",
    async run({ open }) {
      const store = await open();
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
    },
  },
  {
    name: "a message's hooks are in the outbox with it, and with a transaction that throws they are gone",
    async run({ open }) {
      const store = await open();
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
  },
  {
    name: "a second entry of one identity is a duplicate key, and nothing of its transaction stands",
    async run({ open }) {
      const store = await open();
      const { id } = await store.openMaildrop("ben");
      await store.transact(id, GUARD, (tx) => tx.insertEntries([entry("uid-1")]));
      const attempt = store.transact(id, GUARD, async (tx) => {
        await tx.insertEntries([entry("uid-0")]);
        await tx.insertEntries([entry("uid-1"), entry("uid-2")]);
      });
      await assert.rejects(attempt, DuplicateKeyError);
      assert.equal((await store.entries(id, ["uid-0", "uid-1", "uid-2"].map(octets))).length, 1);
    },
  },
  {
    name: "a second message of one digest and copy is a duplicate key; the next copy is not",
    async run({ open }) {
      const store = await open();
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
  },
  {
    name: "a transaction under another generation is refused before it does anything",
    async run({ open }) {
      const store = await open();
      const { id } = await store.openMaildrop("ben");
      let ran = false;
      const attempt = store.transact(id, { ...GUARD, generation: 1 }, async () => {
        ran = true;
      });
      await assert.rejects(attempt, GuardFailedError);
      assert.equal(ran, false);
    },
  },
  {
    name: "rows are found by class, by message and by header, inside the transaction that wrote them too",
    async run({ open }) {
      const store = await open();
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
  },
  {
    name: "an entry is replaced but for when it was first seen, and deleted",
    async run({ open }) {
      const store = await open();
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
    },
  },
  {
    name: "a call takes as many keys, rows or messages as the port says",
    async run({ open }) {
      const store = await open();
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
      });
      const updated = await store.entries(id, identities);
      assert.equal(updated.filter((row) => row.octets === 7).length, ITEMS_A_CALL);
      await store.transact(id, GUARD, (tx) => tx.deleteEntries(identities));
      assert.deepEqual(await store.entries(id, identities), []);
    },
  },
  {
    name: "contents of every size come back octet by octet",
    async run({ open }) {
      const store = await open();
      const { id } = await store.openMaildrop("ben");
      const kib256 = 256 * 1024;
      for (const size of [0, 1, kib256 - 1, kib256, kib256 + 1, 3_000_000]) {
        const written = message(noise(size), { digest: sha256(`size ${size}`) });
        await store.transact(id, GUARD, (tx) => tx.insertMessages([written]));
        assert.ok(Buffer.from(noise(size)).equals(await contentOf(store, written.id)), `${size} octets`);
      }
    },
  },
  {
    name: "a content that is streamed comes back octet by octet",
    async run({ open }) {
      const store = await open();
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
    },
  },
  {
    name: "header fields never fail a message",
    async run({ open }) {
      const store = await open();
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
    },
  },
  {
    name: "messages are listed newest first, by maildrop, and at most as many as asked for",
    async run({ open }) {
      const store = await open();
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
    },
  },
  {
    name: "messages are listed by their own dates where that is asked for, those without one by when they were stored",
    async run({ open }) {
      const store = await open();
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
  },
  {
    name: "a message is found by the beginning of its id",
    async run({ open }) {
      const store = await open();
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
    },
  },
  {
    name: "of two transactions that write one identity at once, one stands",
    async run({ open }) {
      const store = await open();
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
    },
  },
  {
    name: "a lease is one run's until it expires, is given back, or its owner is dead",
    async run({ open }) {
      const store = await open();
      const { id } = await store.openMaildrop("ben");
      const request = (token: string, ttlMs = 60_000, dead: readonly string[] = []): LeaseRequest => ({
        token,
        owner: `owner of ${token}`,
        ttlMs,
        isDead: (owner) => dead.includes(owner),
      });
      assert.equal(await store.acquireLease(id, request("a")), null);
      const holder = await store.acquireLease(id, request("b"));
      assert.equal(holder?.owner, "owner of a");
      assert.ok(holder.expiresInMs > 50_000 && holder.expiresInMs <= 60_000, String(holder.expiresInMs));
      assert.equal(await store.renewLease(id, "b", 60_000), false);
      assert.equal(await store.renewLease(id, "a", 60_000), true);
      await store.releaseLease(id, "b");
      assert.notEqual(await store.acquireLease(id, request("b")), null);
      assert.equal(await store.acquireLease(id, request("b", 60_000, ["owner of a"])), null);
      assert.equal(await store.renewLease(id, "a", 60_000), false);
      await store.releaseLease(id, "b");
      assert.equal(await store.acquireLease(id, request("c", -1)), null);
      assert.equal(await store.acquireLease(id, request("d")), null);
      const asked = await Promise.all(["e", "f", "g"].map((token) => store.acquireLease(id, request(token))));
      assert.equal(asked.filter((one) => one === null).length, 0);
    },
  },
  {
    name: "a lease that would hold for longer than any is given for holds nobody off",
    async run({ open }) {
      const store = await open();
      const { id } = await store.openMaildrop("ben");
      const request = (token: string, ttlMs: number): LeaseRequest => ({
        token,
        owner: token,
        ttlMs,
        isDead: () => false,
      });
      // As the database has it that was years ahead, or some hours, when the lease was given.
      for (const [n, tooLong] of [11 * 365 * 24 * 3_600_000, LONGEST_LEASE_MS + 60_000].entries()) {
        assert.equal(await store.acquireLease(id, request(`ahead ${n}`, tooLong)), null);
        assert.equal(await store.acquireLease(id, request(`next ${n}`, LONGEST_LEASE_MS - 5000)), null);
        assert.equal(await store.renewLease(id, `ahead ${n}`, 60_000), false);
        const holder = await store.acquireLease(id, request("another", 60_000));
        assert.equal(holder?.owner, `next ${n}`);
        await store.releaseLease(id, `next ${n}`);
      }
    },
  },
  {
    name: "of many who ask for a lease at once, one gets it",
    async run({ open }) {
      const store = await open();
      const { id } = await store.openMaildrop("ben");
      const asked = await Promise.all(
        ["a", "b", "c", "d", "e", "f"].map((token) =>
          store.acquireLease(id, { token, owner: token, ttlMs: 60_000, isDead: () => false }),
        ),
      );
      assert.equal(asked.filter((one) => one === null).length, 1);
    },
  },
  {
    name: "a maildrop is renamed by who holds its lease, with all that it has",
    async run({ open }) {
      const store = await open();
      const { id } = await store.openMaildrop("ben");
      const other = await store.openMaildrop("ann");
      await store.transact(id, GUARD, async (tx) => {
        await tx.insertMessages([message("one")]);
        await tx.insertEntries([entry("uid-1")]);
      });
      await store.acquireLease(id, { token: "a", owner: "a", ttlMs: 60_000, isDead: () => false });
      await assert.rejects(store.renameMaildrop(id, "work", "b"), GuardFailedError);
      await assert.rejects(store.renameMaildrop(id, "ann", "a"), DuplicateKeyError);
      assert.equal((await store.findMaildrop("ben"))?.id, id);
      await store.renameMaildrop(id, "work", "a");
      assert.equal((await store.findMaildrop("work"))?.id, id);
      assert.equal(await store.findMaildrop("ben"), null);
      assert.equal((await store.findMaildrop("ann"))?.id, other.id);
      assert.deepEqual(
        (await all(store.messages({ maildrop: "work" }))).map(({ maildrop }) => maildrop),
        ["work"],
      );
      assert.equal((await knownEntries(store, id)).length, 1);
      assert.equal(await store.renewLease(id, "a", 60_000), true);
      assert.notEqual((await store.openMaildrop("ben")).id, id);
    },
  },
  {
    name: "a transaction under somebody else's lease is refused, one without a lease is not",
    async run({ open }) {
      const store = await open();
      const { id } = await store.openMaildrop("ben");
      await store.acquireLease(id, { token: "a", owner: "a", ttlMs: 60_000, isDead: () => false });
      await store.transact(id, { ...GUARD, leaseToken: "a" }, (tx) => tx.insertEntries([entry("uid-1")]));
      await assert.rejects(
        store.transact(id, { ...GUARD, leaseToken: "b" }, async () => {}),
        GuardFailedError,
      );
      await store.transact(id, GUARD, (tx) => tx.insertEntries([entry("uid-2")]));
    },
  },
  {
    name: "deferred entries and maildrops are listed",
    async run({ open }) {
      const store = await open();
      const { id } = await store.openMaildrop("ben");
      await store.openMaildrop("ann");
      const due = new Date("2026-11-23T00:00:00Z");
      const reason = { code: "refused", message: "no" };
      const rows = [
        entry("deferred", { disposition: "deferred", attempts: 2, reason, due }),
        entry("settled, but a look at it failed", { attempts: 1, reason, due }),
      ];
      await store.transact(id, GUARD, (tx) => tx.insertEntries([...rows, entry("plain")]));
      const listed = (await all(store.deferredEntries(id))).flat();
      assert.deepEqual(plain(sorted(listed)), plain(sorted(rows)));
      assert.deepEqual(
        (await store.maildrops()).map(({ name }) => name),
        ["ann", "ben"],
      );
    },
  },
  {
    name: "transactions on two maildrops at once do not touch each other, though one fails",
    async run({ open }) {
      const store = await open();
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
    },
  },
];

/** 3 to 255 octets, all of them at some place. */
function identityOf(n: number): Uint8Array {
  return Uint8Array.from({ length: 3 + ((n * 31) % 253) }, (_, at) => (at < 2 ? n >> (8 * at) : n + at));
}

/** A row of some kind or other, by its number. */
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

async function knownEntries(store: MessageStore, maildropId: number): Promise<readonly KnownEntry[]> {
  const known: KnownEntry[] = [];
  for await (const block of store.knownEntries(maildropId)) known.push(...block);
  return known;
}

/** Buffers and Uint8Arrays of the same octets are equal here. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, one: unknown) => {
      if (typeof one === "object" && one !== null && "type" in one && "data" in one && one.type === "Buffer")
        return Buffer.from(one.data as number[]).toString("hex");
      return one instanceof Uint8Array ? Buffer.from(one).toString("hex") : one;
    }),
  );
}

function sorted<T extends { readonly identity: Uint8Array }>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (latin1(a.identity) < latin1(b.identity) ? -1 : 1));
}
