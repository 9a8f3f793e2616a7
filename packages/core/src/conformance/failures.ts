import assert from "node:assert/strict";
import { compileCriteria } from "../criteria/compile.ts";
import type { Criteria } from "../criteria/criteria.ts";
import { ServerError } from "../errors.ts";
import { uniqueIdKey } from "../message/identity.ts";
import type { LedgerEntry } from "../ports/ledger-entry.ts";
import { dropDeferred, isDroppable, retryDeferred } from "../record/deferred.ts";
import { Attempts } from "../report/attempts.ts";
import { SuspectReplyError } from "../retrieve/errors.ts";
import type { ConformanceCase } from "./case.ts";
import { sha256 } from "./sample.ts";
import type { StoreContext } from "./store.ts";
import { inWorld, mail, World } from "./world.ts";

const RIGHT = new Date("2026-11-22T12:00:00Z");
const HOUR_MS = 3_600_000;
const after = (hours: number) => (): Date => new Date(RIGHT.getTime() + hours * HOUR_MS);

/** The ledger's row of this unique-id, undefined if there is none. */
async function rowOf(world: World, uniqueId: string): Promise<LedgerEntry | undefined> {
  const { id } = await world.store.openMaildrop(world.name);
  const [row] = await world.store.entries(id, [uniqueIdKey(Buffer.from(uniqueId))]);
  return row;
}

/** The counterexamples about messages that failed (rules 20 and 21). */
export const failureCounterexamples: readonly ConformanceCase<StoreContext>[] = [
  inWorld("34: the clock was years ahead when a message failed, then it is right", async (world) => {
    const one = world.maildrop.deliver(mail("A"));
    one.refused = true;
    for (let runs = 0; runs < 4; runs++) await world.fetch({ now: after(24 * 365 * 11) });
    one.refused = false;
    await world.fetch({ now: after(0) });
    assert.deepEqual(await world.stored(), [mail("A")]);
  }),
  {
    name: "35: no delay is longer than a day, whichever way the clock was wrong",
    async run({ open }) {
      for (const [hours, waits] of [
        [-24 * 365 * 30, false],
        [23, true],
        [25, false],
      ] as const) {
        const world = new World(await open());
        const one = world.maildrop.deliver(mail("A"), "A");
        one.refused = true;
        await world.fetch({ now: after(0) });
        const { id, generation } = await world.store.openMaildrop(world.name);
        const row = await rowOf(world, "A");
        assert.ok(row !== undefined);
        await world.store.transact(id, { generation, leaseToken: null }, (tx) =>
          tx.updateEntries([{ ...row, attempts: 9, due: after(hours)() }]),
        );
        one.refused = false;
        const fetched = await world.fetch({ now: after(0) });
        assert.deepEqual([hours, fetched.retrieved], [hours, waits ? [] : [1]]);
      }
    },
  },
  inWorld(
    "36: a message breaks three sessions of one fetch: it has failed once, and the next fetch tries it",
    async (world) => {
      const breaking = world.maildrop.deliver(mail("breaking"), "X");
      for (const text of ["A", "B"]) world.maildrop.deliver(mail(text));
      breaking.breaks = true;
      const now = after(0);
      const attempts = new Attempts();
      const errors = [];
      for (const only of [null, null, null, "retries", "retries"] as const) {
        const { error, summary } = await world.fetch({
          now,
          attempts,
          ...(only === null ? {} : { only }),
        });
        errors.push(error === null);
        const { counts, left, retries } = summary;
        assert.equal(
          Object.values(counts).reduce((sum: number, count: number) => sum + count, left + retries),
          3,
        );
      }
      // The last run does not try the message: it had its turn in this fetch.
      assert.deepEqual(errors, [false, false, true, false, true]);
      const row = await rowOf(world, "X");
      assert.equal(row?.attempts, 1);
      assert.match(row?.reason?.message ?? "", /^the session ended while it was retrieved: /);
      breaking.breaks = false;
      assert.equal((await world.fetch({ now, attempts: new Attempts() })).summary.counts.stored, 1);
      assert.deepEqual(await world.stored(), world.listed());
    },
  ),
  inWorld(
    "37: the process is killed in a fetch that notes attempts: the ledger says so, and the next fetch tries it last",
    async (world) => {
      const poison = world.maildrop.deliver(mail("poison"), "X");
      await world.killedBy(poison);
      await world.killedBy(poison);
      assert.deepEqual((await rowOf(world, "X"))?.reason, {
        code: "unfinished",
        message: "the process ended while it was retrieved",
      });
      world.maildrop.deliver(mail("A"));
      const attempts = new Attempts();
      assert.deepEqual((await world.fetch({ attempts })).retrieved, [2]);
      assert.deepEqual((await world.fetch({ attempts, only: "retries" })).retrieved, [1]);
      assert.deepEqual(await world.stored(), world.listed());
    },
  ),
  inWorld("38: somebody ends a fetch that notes attempts: no message is to blame", async (world) => {
    const first = world.maildrop.deliver(mail("A"), "X");
    await world.killedBy(first);
    const controller = new AbortController();
    world.maildrop.beforeRetr = async () => {
      world.maildrop.beforeRetr = null;
      controller.abort(new Error("enough"));
    };
    const { error } = await world.fetch({ signal: controller.signal });
    assert.equal(error instanceof Error ? error.message : null, "enough");
    assert.equal(await rowOf(world, "X"), undefined);
    assert.equal((await world.fetch()).summary.counts.stored, 1);
  }),
  inWorld(
    "39: a refusal is one attempt, also where it came before TOP could be proved in a careful run",
    async (world) => {
      const refused = world.maildrop.deliver(mail("refused"), "X");
      const other = world.maildrop.deliver(mail("A"));
      await world.killedBy(other);
      refused.refused = true;
      const now = after(0);
      await world.fetch({ now });
      const row = await rowOf(world, "X");
      assert.deepEqual([row?.attempts, row?.reason?.code], [1, "refused"]);
      refused.refused = false;
      assert.deepEqual((await world.fetch({ now })).retrieved, [1]);
    },
  ),
  inWorld(
    "40: what was to prove TOP turns out too large, and is beyond the limit, on a server that hides what was retrieved",
    async (world) => {
      const { maildrop } = world;
      maildrop.hidesRetrieved = true;
      maildrop.deliver(mail("A"));
      // By LIST this is the smallest message, so TOP is proved by it.
      maildrop.deliver(mail("liar", "x".repeat(2000))).listedOctets = 10;
      const criteria: Criteria = { digest: sha256("all"), accepts: () => true };
      const first = await world.fetch({ retrievalHides: true, criteria, maxOctets: 1000, limit: 1 });
      assert.equal(first.quit, false);
      assert.equal(maildrop.mails.length, 2);
      await world.fetch({ retrievalHides: true, criteria });
      assert.equal((await world.stored()).length, 2);
    },
  ),
  inWorld(
    "41: a server leaves out a reply, and all replies have equal octets, so that each fits its neighbour's command",
    async (world) => {
      const mails = [1, 2, 3, 4, 5].map((n) => world.maildrop.deliver(mail(`number ${n}`)));
      const leftOut = mails[1];
      if (leftOut !== undefined) leftOut.leftOut = true;
      const first = await world.fetch();
      assert.ok(first.error instanceof ServerError);
      assert.equal(first.quit, false);
      assert.deepEqual(await world.stored(), [mail("number 1")]);
      // From now on one command is sent at a time, and no reply is left out.
      const second = await world.fetch();
      assert.equal(second.error, null);
      assert.deepEqual(await world.stored(), world.listed());
      assert.deepEqual((await world.fetch()).retrieved, []);
    },
  ),
  inWorld("41: the same of TOP: no header decides about its neighbour", async (world) => {
    const { maildrop } = world;
    maildrop.deliver(mail("first"));
    await world.fetch();
    for (const subject of ["letter", "report", "letter too"]) maildrop.deliver(mail(subject));
    for (const one of maildrop.mails.slice(2, 3)) one.leftOut = true;
    const criteria = compileCriteria("subject:letter");
    const first = await world.fetch({ criteria });
    assert.ok(first.error instanceof ServerError);
    assert.equal(first.quit, false);
    const second = await world.fetch({ criteria });
    assert.equal(second.error, null);
    assert.equal(second.summary.counts.skipped, 1);
    assert.deepEqual(await world.stored(), [mail("first"), mail("letter"), mail("letter too")]);
  }),
  inWorld("41: the same of TOP for what failed before", async (world) => {
    const { maildrop } = world;
    maildrop.deliver(mail("first"));
    const failing = maildrop.deliver(mail("letter"));
    failing.refused = true;
    await world.fetch({ now: after(0) });
    failing.refused = false;
    failing.leftOut = true;
    const criteria = compileCriteria("subject:letter");
    assert.ok((await world.fetch({ criteria, now: after(1000) })).error instanceof ServerError);
    assert.equal((await world.fetch({ criteria, now: after(1000) })).error, null);
    assert.deepEqual(await world.stored(), [mail("first"), mail("letter")]);
  }),
  inWorld(
    "42: a message that begins with a line '.' ends its own reply to TOP, and its rest forges its neighbour's header",
    async (world) => {
      const { maildrop } = world;
      maildrop.deliver(mail("letter"));
      await world.fetch();
      const forger = maildrop.deliver(mail("letter of the forger"));
      forger.forgedHeader = "Subject: not what is wanted\r\n\r\n";
      maildrop.deliver(mail("letter too"));
      const criteria = compileCriteria("subject:letter");
      // One command at a time the session breaks at that message: by TOP nothing is decided any more.
      for (const pipelining of [true, false]) {
        const broken = await world.fetch({ criteria });
        assert.ok(broken.error instanceof SuspectReplyError, `pipelining ${pipelining}`);
        assert.deepEqual([broken.quit, broken.retrieved], [false, []]);
      }
      assert.equal((await world.fetch({ criteria })).error, null);
      assert.deepEqual(await world.stored(), world.listed());
    },
  ),
  inWorld("42: a header that has no empty line because the whole message has none decides", async (world) => {
    const { maildrop } = world;
    maildrop.deliver(mail("letter"));
    await world.fetch();
    for (const subject of ["letter", "report"]) maildrop.deliver(`Subject: ${subject}\r\n`);
    // LIST says more of the second than there is: that it is in step only shows one command at a time.
    for (const { error } of [
      await world.fetch({ criteria: compileCriteria("subject:letter") }),
      await world.fetch({ criteria: compileCriteria("subject:report") }),
    ])
      assert.equal(error, null);
    assert.deepEqual(await world.stored(), world.listed());
  }),
  inWorld(
    "42: a header that is short only by LIST's count costs one session, and decides then",
    async (world) => {
      const { maildrop } = world;
      maildrop.deliver(mail("letter"));
      await world.fetch();
      for (const subject of ["letter", "report"])
        maildrop.deliver(`Subject: ${subject}\r\n`).listedOctets = 1000;
      const criteria = compileCriteria("subject:letter");
      assert.ok((await world.fetch({ criteria })).error instanceof SuspectReplyError);
      const second = await world.fetch({ criteria });
      assert.deepEqual([second.error, second.summary.counts.skipped], [null, 1]);
      assert.deepEqual(await world.stored(), [mail("letter"), "Subject: letter\r\n"]);
    },
  ),
  inWorld("42: the same of a baseline, which notes no neighbour's header", async (world) => {
    const { maildrop } = world;
    maildrop.deliver(mail("forger")).forgedHeader = mail("forged");
    const other = maildrop.deliver(mail("other"), "X");
    for (const _pipelining of [true, false]) await assert.rejects(world.baseline(), SuspectReplyError);
    assert.equal(await rowOf(world, "X"), undefined);
    await world.baseline();
    assert.deepEqual((await rowOf(world, "X"))?.headerDigest, null);
    // It is known by its octets, and later under another unique-id it is retrieved: nothing was believed of it.
    assert.deepEqual((await world.fetch()).retrieved, []);
    other.uniqueId = Buffer.from("Y");
    await world.fetch();
    assert.deepEqual(await world.stored(), [mail("other")]);
  }),
  inWorld(
    "what a person wants tried is tried at the next fetch, and what is dropped never again",
    async (world) => {
      const mails = ["tried", "dropped"].map((name) => world.maildrop.deliver(mail(name), name));
      for (const one of mails) one.refused = true;
      for (let runs = 0; runs < 3; runs++) await world.fetch({ now: after(0) });
      for (const one of mails) one.refused = false;
      const identities = ["tried", "dropped"].map((name) => uniqueIdKey(Buffer.from(name)));
      assert.equal(await retryDeferred(world.store, world.name, identities.slice(0, 1)), 1);
      assert.equal(await dropDeferred(world.store, world.name, identities.slice(1)), 1);
      const atOnce = await world.fetch({ now: after(0) });
      assert.deepEqual(atOnce.retrieved, [1]);
      await world.fetch({ now: after(1000) });
      assert.deepEqual(await world.stored(), [mail("tried")]);
      assert.equal(await dropDeferred(world.store, world.name, identities), 0);
    },
  ),
  inWorld("what nothing tells from other messages cannot be dropped", async (world) => {
    world.maildrop.uidl = false;
    world.maildrop.top = "refused";
    const one = world.maildrop.deliver(mail("A"));
    one.refused = true;
    await world.fetch({ now: after(0) });
    const { id } = await world.store.openMaildrop(world.name);
    const waiting: LedgerEntry[] = [];
    for await (const block of world.store.deferredEntries(id)) waiting.push(...block);
    assert.deepEqual(waiting.map(isDroppable), [false]);
    await dropDeferred(
      world.store,
      world.name,
      waiting.map(({ identity }) => identity),
    );
    one.refused = false;
    await world.fetch({ now: after(0) });
    assert.deepEqual(await world.stored(), [mail("A")]);
  }),
];
