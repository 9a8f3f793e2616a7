import assert from "node:assert/strict";
import { DuplicateKeyError, GuardFailedError } from "../errors.ts";
import type { Leases } from "../ports/leases.ts";
import type { Ledger } from "../ports/ledger.ts";
import type { Maildrops } from "../ports/maildrop.ts";
import type { Messages } from "../ports/messages.ts";
import type { ConformanceCase, Opens } from "./case.ts";
import { all, entry, GUARD, knownEntries, message, plain, sha256 } from "./sample.ts";

/** How maildrops are made, found, renamed and listed, and what is remembered of each. */
export const maildropConformance: readonly ConformanceCase<Opens<Ledger & Maildrops & Leases & Messages>>[] =
  [
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
      name: "maildrops are listed by name",
      async run({ open }) {
        const store = await open();
        for (const name of ["ben", "ann"]) await store.openMaildrop(name);
        assert.deepEqual(
          (await store.maildrops()).map(({ name }) => name),
          ["ann", "ben"],
        );
      },
    },
  ];
