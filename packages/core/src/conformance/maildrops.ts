import assert from "node:assert/strict";
import { DuplicateKeyError, GuardFailedError } from "../errors.ts";
import type { Leases } from "../ports/leases.ts";
import type { Ledger } from "../ports/ledger.ts";
import { type Maildrops, NEW_MAILDROP } from "../ports/maildrop.ts";
import type { Messages } from "../ports/messages.ts";
import { type ConformanceCase, type Opens, opened } from "./case.ts";
import { all, entry, GUARD, knownEntries, message, plain, sha256 } from "./sample.ts";

type Tested = Ledger & Maildrops & Leases & Messages;

/** What every store must do to create, find, rename and list maildrops, and to keep the facts of each. */
export const maildropConformance: readonly ConformanceCase<Opens<Tested>>[] = [
  opened("a maildrop is made once, and looking for one makes none", async (store) => {
    assert.equal(await store.findMaildrop("ben"), null);
    const made = await store.openMaildrop("ben");
    assert.deepEqual(await store.openMaildrop("ben"), made);
    assert.deepEqual(await store.findMaildrop("ben"), made);
    assert.notEqual((await store.openMaildrop("Ben")).id, made.id);
    const { id: _id, name: _name, ...facts } = made;
    assert.deepEqual(facts, NEW_MAILDROP);
  }),
  opened("two who open a maildrop at once get the same", async (store) => {
    const made = await Promise.all([1, 2, 3, 4].map(() => store.openMaildrop("ben")));
    assert.equal(new Set(made.map(({ id }) => id)).size, 1);
  }),
  opened("every fact of a maildrop is kept", async (store) => {
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
  }),
  opened("a maildrop is renamed by who holds its lease, with all that it has", async (store) => {
    const { id } = await store.openMaildrop("ben");
    const other = await store.openMaildrop("ann");
    await store.transact(id, GUARD, async (tx) => {
      await tx.insertMessages([message("one")]);
      await tx.insertEntries([entry("uid-1")]);
    });
    await store.acquireLease("ben", { token: "a", owner: "a", ttlMs: 60_000, isDead: () => false });
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
  }),
  opened("maildrops are listed by name", async (store) => {
    for (const name of ["ben", "ann"]) await store.openMaildrop(name);
    assert.deepEqual(
      (await store.maildrops()).map(({ name }) => name),
      ["ann", "ben"],
    );
  }),
];
