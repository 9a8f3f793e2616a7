import assert from "node:assert/strict";
import { GuardFailedError } from "../errors.ts";
import { Attempts } from "../report/attempts.ts";
import { type Counts, NO_COUNTS } from "../report/outcome.ts";
import { OverlongMessageError, SuspectReplyError } from "../retrieve/errors.ts";
import { agesConformance } from "./ages.ts";
import type { ConformanceCase } from "./case.ts";
import { criteriaConformance } from "./criteria.ts";
import { manyConformance } from "./many.ts";
import type { StoreContext } from "./store.ts";
import { inWorld, mail, World, weakMail } from "./world.ts";

/** What whole runs must do with every {@link MessageStore}. */
export const fetchConformance: readonly ConformanceCase<StoreContext>[] = [
  inWorld("stores every message once and leaves it on the server", async (world) => {
    const { maildrop } = world;
    for (let n = 1; n <= 5; n++) maildrop.deliver(mail(`number ${n}`));
    const first = await world.fetch();
    assert.equal(first.error, null);
    assertCounts(first.summary.counts, { stored: 5, known: 0, failed: 0, deferred: 0 });
    assert.equal(first.quit, true);
    const second = await world.fetch();
    assertCounts(second.summary.counts, { stored: 0, known: 5 });
    assert.deepEqual(second.retrieved, []);
    maildrop.deliver(mail("number 6"));
    const third = await world.fetch();
    assertCounts(third.summary.counts, { stored: 1, known: 5 });
    assert.deepEqual(third.retrieved, [6]);
    assert.deepEqual(
      await world.stored(),
      maildrop.mails.map(({ octets }) => Buffer.from(octets).toString("latin1")),
    );
  }),

  inWorld("puts what it stores, and nothing else, into the outbox for every hook", async (world) => {
    const { maildrop, store } = world;
    maildrop.deliver(mail("before there were hooks"));
    await world.fetch();
    for (let n = 1; n <= 2; n++) maildrop.deliver(mail(`number ${n}`));
    await world.fetch({ hooks: ["archive", "web"] });
    await world.fetch({ hooks: ["archive", "web"] });
    const told: Record<string, readonly string[]> = {};
    for await (const { id, subject } of store.messages()) told[subject ?? ""] = await store.pendingHooks(id);
    assert.deepEqual(told, {
      "before there were hooks": [],
      "number 1": ["archive", "web"],
      "number 2": ["archive", "web"],
    });
  }),

  inWorld("asks nothing of the ledger but the mark when nothing is new", async (world) => {
    const { maildrop } = world;
    for (let n = 1; n <= 5; n++) maildrop.deliver(mail(`number ${n}`));
    await world.fetch();
    assert.equal((await world.store.findMaildrop(world.name))?.mark?.count, 5);
    const { knownEntries } = world.store;
    world.store.knownEntries = () => {
      throw new Error("the ledger was read");
    };
    try {
      assert.equal((await world.fetch()).summary.counts.known, 5);
      maildrop.deliver(mail("number 6"));
      assertCounts((await world.fetch()).summary.counts, { stored: 1, known: 5 });
    } finally {
      // It is the caller's store, who may go on with it.
      world.store.knownEntries = knownEntries;
    }
  }),

  inWorld("retrieves at most as many as the limit allows, the oldest first", async (world) => {
    const { maildrop } = world;
    for (let n = 1; n <= 5; n++) maildrop.deliver(mail(`number ${n}`));
    const first = await world.fetch({ limit: 2 });
    assert.deepEqual(first.retrieved, [1, 2]);
    assert.equal(first.summary.left, 3);
    const second = await world.fetch({ limit: 2 });
    assert.deepEqual(second.retrieved, [3, 4]);
    assertCounts((await world.fetch()).summary.counts, { stored: 1, known: 4 });
  }),

  inWorld("keeps two identical copies with ids of their own as two messages", async (world) => {
    const { maildrop } = world;
    maildrop.deliver(mail("twice"));
    maildrop.deliver(mail("twice"));
    assert.equal((await world.fetch()).summary.counts.stored, 2);
    assertCounts((await world.fetch()).summary.counts, { stored: 0, known: 2 });
  }),

  inWorld("keeps identical copies that share a unique-id as one (RFC 1939 section 7)", async (world) => {
    const { maildrop } = world;
    maildrop.deliver(mail("twice"), "shared");
    maildrop.deliver(mail("twice"), "shared");
    assertCounts((await world.fetch()).summary.counts, { stored: 1, known: 1 });
    const second = await world.fetch();
    assertCounts(second.summary.counts, { stored: 0, known: 2 });
    assert.deepEqual(second.retrieved, []);
  }),

  inWorld("stores both of two unlike messages under one unique-id, and trusts ids no more", async (world) => {
    const { maildrop } = world;
    maildrop.deliver(mail("one"), "shared");
    maildrop.deliver(mail("two"), "shared");
    assert.equal((await world.fetch()).summary.counts.stored, 2);
    assert.equal((await world.store.findMaildrop(world.name))?.uniqueIdsTrusted, false);
    const second = await world.fetch();
    assertCounts(second.summary.counts, { stored: 0, known: 2 });
    assert.deepEqual(second.retrieved, []);
  }),

  inWorld("stores once where the server has no UIDL", async (world) => {
    const { maildrop } = world;
    maildrop.uidl = false;
    for (let n = 1; n <= 5; n++) maildrop.deliver(mail(`number ${n}`));
    assert.equal((await world.fetch()).summary.counts.stored, 5);
    const second = await world.fetch();
    assertCounts(second.summary.counts, { stored: 0, known: 5 });
    assert.deepEqual(second.retrieved, []);
  }),

  inWorld(
    "stores once where the server has neither UIDL nor TOP, at the price of retrieving all",
    async (world) => {
      const { maildrop } = world;
      maildrop.uidl = false;
      maildrop.top = "refused";
      for (let n = 1; n <= 5; n++) maildrop.deliver(mail(`number ${n}`));
      assert.equal((await world.fetch()).summary.counts.stored, 5);
      const second = await world.fetch();
      assertCounts(second.summary.counts, { stored: 0, known: 5 });
      assert.equal(second.retrieved.length, 5);
    },
  ),

  inWorld("stores nothing again although the server renumbered every unique-id", async (world) => {
    const { maildrop } = world;
    for (let n = 1; n <= 5; n++) maildrop.deliver(mail(`number ${n}`));
    await world.fetch();
    maildrop.renumber();
    const second = await world.fetch();
    assertCounts(second.summary.counts, { stored: 0, rebound: 5 });
    assert.deepEqual(second.retrieved, []);
    assert.equal((await world.fetch()).summary.counts.known, 5);
  }),

  inWorld("settles renumbered mail with weak headers by its content", async (world) => {
    const { maildrop } = world;
    for (let n = 1; n <= 3; n++) maildrop.deliver(weakMail(`number ${n}`));
    await world.fetch();
    maildrop.renumber();
    const second = await world.fetch();
    assertCounts(second.summary.counts, { stored: 0, rebound: 3 });
    assert.equal(second.retrieved.length, 3);
  }),

  inWorld("stores the other message when a unique-id is reused for one of another size", async (world) => {
    const { maildrop } = world;
    maildrop.deliver(mail("one"), "reused");
    await world.fetch();
    maildrop.mails.length = 0;
    maildrop.deliver(mail("another one"), "reused");
    assert.equal((await world.fetch()).summary.counts.stored, 1);
    assert.equal((await world.stored()).length, 2);
    const third = await world.fetch();
    assertCounts(third.summary.counts, { stored: 0, known: 1 });
    assert.deepEqual(third.retrieved, []);
  }),

  inWorld("forgets nothing when a server in trouble lists no mail", async (world) => {
    const { maildrop } = world;
    for (let n = 1; n <= 5; n++) maildrop.deliver(mail(`number ${n}`));
    await world.fetch();
    const mails = maildrop.mails.splice(0);
    const empty = await world.fetch();
    assert.ok(empty.summary.warnings.map(({ code }) => code).includes("suspicious-listing"));
    maildrop.mails.push(...mails);
    const back = await world.fetch();
    assertCounts(back.summary.counts, { stored: 0, known: 5 });
    assert.deepEqual(back.retrieved, []);
  }),

  inWorld("defers a message that the server refuses, and stores the rest", async (world) => {
    const { maildrop } = world;
    const [, second] = [1, 2, 3].map((n) => maildrop.deliver(mail(`number ${n}`)));
    if (second !== undefined) second.refused = true;
    const first = await world.fetch();
    assertCounts(first.summary.counts, { stored: 2, deferred: 1 });
    assert.equal(first.quit, true);
    if (second !== undefined) second.refused = false;
    assertCounts((await world.fetch()).summary.counts, { stored: 1, known: 2 });
  }),

  inWorld(
    "records nothing from a suspect reply on, closes without QUIT, and settles it one at a time",
    async (world) => {
      const { maildrop } = world;
      const mails = [1, 2, 3].map((n) => maildrop.deliver(mail(`number ${n}`)));
      await world.fetch({ limit: 1 });
      const short = mails[1];
      if (short !== undefined) short.cutOctets = 5;
      const suspect = await world.fetch();
      assert.ok(suspect.error instanceof SuspectReplyError);
      assert.equal(suspect.quit, false);
      assert.equal((await world.stored()).length, 1);
      const second = await world.fetch();
      assert.equal(second.error, null);
      assertCounts(second.summary.counts, { stored: 2, known: 1 });
    },
  ),

  {
    name: "gives up a message that never ends, once, and takes the others in the next run",
    async run({ open }) {
      for (const pipelining of [true, false]) {
        const world = new World(await open());
        const { maildrop } = world;
        maildrop.pipelining = pipelining;
        const mails = [1, 2, 3, 4].map((n) => maildrop.deliver(mail(`number ${n}`)));
        const endless = mails[1];
        if (endless !== undefined) endless.endless = true;
        const now = new Date("2026-11-22T10:00:00Z");
        // The next two runs are one fetch.
        const options = { maxOctets: 100_000, now: () => now, attempts: new Attempts() };
        const first = await world.fetch(options);
        assert.ok(first.error instanceof OverlongMessageError);
        assert.equal(first.quit, false);
        assert.equal(first.summary.counts.stored, 1);
        const second = await world.fetch(options);
        assert.equal(second.error, null);
        assertCounts(second.summary.counts, { stored: 2, deferred: 1, known: 1 });
        assert.equal(second.summary.retries, 0);
        assert.ok(!second.retrieved.includes(2));
        const [deferred] = second.outcomes.filter(({ kind }) => kind === "deferred");
        assert.ok(deferred?.kind === "deferred");
        assert.deepEqual([deferred.messageNumber, deferred.reason.code], [2, "overlong-message"]);
        // The next fetch tries it again, and stores it once it ends.
        if (endless !== undefined) endless.endless = false;
        const next = { ...options, attempts: new Attempts() };
        assertCounts((await world.fetch(next)).summary.counts, { stored: 1, known: 3 });
      }
    },
  },

  inWorld("reads past a message that is larger than it may be, and stays in the session", async (world) => {
    const { maildrop } = world;
    maildrop.deliver(mail("one"));
    maildrop.deliver(mail("two", "x".repeat(300_000))).listedOctets = 500;
    maildrop.deliver(mail("three"));
    const { error, summary } = await world.fetch({ maxOctets: 100_000 });
    assert.equal(error, null);
    assertCounts(summary.counts, { stored: 2, deferred: 1 });
  }),

  inWorld("keeps what arrived whole when the connection breaks, and says no QUIT", async (world) => {
    const { maildrop } = world;
    const mails = [1, 2, 3, 4].map((n) => maildrop.deliver(mail(`number ${n}`)));
    const breaking = mails[2];
    if (breaking !== undefined) breaking.breaks = true;
    const first = await world.fetch();
    assert.notEqual(first.error, null);
    assert.equal(first.quit, false);
    assert.equal(first.summary.counts.stored, 2);
    // Retrieved singly, the message breaks the session again: now it is to blame, and the next run takes the others.
    assert.notEqual((await world.fetch()).error, null);
    const third = await world.fetch();
    assert.equal(third.error, null);
    assertCounts(third.summary.counts, { stored: 1, known: 2 });
    assert.equal(third.summary.retries, 1);
    if (breaking !== undefined) breaking.breaks = false;
    assertCounts((await world.fetch()).summary.counts, { stored: 1, known: 3 });
  }),

  inWorld("ends without QUIT, and stores nothing, where meanwhile all was marked as known", async (world) => {
    world.maildrop.deliver(mail("A"));
    world.maildrop.beforeRetr = async () => {
      world.maildrop.beforeRetr = null;
      await world.baseline();
    };
    const fetched = await world.fetch();
    assert.ok(fetched.error instanceof GuardFailedError);
    assert.equal(fetched.quit, false);
    assertCounts((await world.fetch()).summary.counts, { known: 1 });
    assert.deepEqual(await world.stored(), []);
  }),

  ...criteriaConformance,
  ...agesConformance,
  ...manyConformance,
];

function assertCounts(counts: Counts, expected: Partial<Counts>): void {
  assert.deepEqual({ ...counts }, { ...NO_COUNTS, known: counts.known, ...expected });
}
