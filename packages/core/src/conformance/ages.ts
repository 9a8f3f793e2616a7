import assert from "node:assert/strict";
import { compileCriteria } from "../criteria/compile.ts";
import { uniqueIdKey } from "../message/identity.ts";
import type { MessageStore } from "../ports/store.ts";
import type { ConformanceCase } from "./case.ts";
import { asked, proven, retrieved } from "./criteria.ts";
import { all } from "./sample.ts";
import type { StoreContext } from "./store.ts";
import { inWorld, mail, World, weakMail } from "./world.ts";

const OLD = compileCriteria("age:>30d");
const OLDER = compileCriteria("age:>60d");
/** Mail of {@link mail} is of the 2nd of November. */
const RIPE = new Date("2026-12-02T10:00:00.001Z");

/** What fetches by criteria that look at ages must do with every {@link MessageStore} (rules 25 to 27). */
export const agesConformance: readonly ConformanceCase<StoreContext>[] = [
  inWorld(
    "ages: what is not old enough is not asked for until it is ripe, and is stored then",
    async (world) => {
      await proven(world);
      world.maildrop.deliver(mail("invoice"));
      const first = await world.fetch({ criteria: OLD, ...at("2026-11-10") });
      assert.deepEqual(asked(first), ["TOP 2 0"]);
      assert.equal(first.quit, true);
      assert.equal(first.summary.counts.waiting, 1);
      assert.deepEqual(
        first.outcomes.map((outcome) => outcome.kind === "waiting" && outcome.ripe),
        [RIPE],
      );
      const second = await world.fetch({ criteria: OLD, ...at("2026-11-20") });
      assert.deepEqual([asked(second), second.outcomes], [[], []]);
      assert.deepEqual([second.summary.counts.waiting, second.summary.counts.known], [1, 1]);
      const check = await world.check({ criteria: OLD, ...at("2026-11-20") });
      assert.deepEqual([check.summary.counts.waiting, check.summary.counts.new], [1, 0]);
      const ripe = await world.fetch({ criteria: OLD, ...at("2026-12-03") });
      assert.deepEqual(asked(ripe), ["TOP 2 0", "RETR 2"]);
      const last = await world.fetch({ criteria: OLD, ...at("2026-12-03") });
      assert.deepEqual([asked(last), last.summary.counts.known], [[], 2]);
      assert.deepEqual(await world.stored(), world.listed());
    },
  ),
  {
    name: "ages: what waits behind the mark leaves the mark as it is, until it is ripe",
    run: async ({ open }) => {
      const { store, looks } = countingLooks(await open());
      const world = await proven(new World(store));
      world.maildrop.deliver(mail("invoice"));
      await world.fetch({ criteria: OLD, ...at("2026-11-10") });
      const before = looks();
      await world.fetch({ criteria: OLD, ...at("2026-11-20") });
      world.maildrop.deliver(mail("another"));
      const second = await world.fetch({ criteria: OLD, ...at("2026-11-20") });
      assert.deepEqual(asked(second), ["TOP 3 0"]);
      assert.deepEqual([looks() - before, second.summary.counts.waiting], [0, 2]);
      const ripe = await world.fetch({ criteria: OLD, ...at("2026-12-03") });
      assert.deepEqual(retrieved(ripe), ["RETR 2", "RETR 3"]);
    },
  },
  inWorld("ages: what waits is decided anew by other criteria, and fetched without any", async (world) => {
    await proven(world);
    world.maildrop.deliver(mail("invoice"));
    await world.fetch({ criteria: OLD, ...at("2026-11-10") });
    const other = await world.fetch({ criteria: OLDER, ...at("2026-11-10") });
    assert.deepEqual([asked(other), other.summary.counts.waiting], [["TOP 2 0"], 1]);
    assert.deepEqual(retrieved(await world.fetch(at("2026-11-10"))), ["RETR 2"]);
  }),
  inWorld("ages: what waits and is listed with other octets is looked at again", async (world) => {
    await proven(world);
    const waiting = world.maildrop.deliver(mail("invoice"));
    await world.fetch({ criteria: OLD, ...at("2026-11-10") });
    waiting.listedOctets = 1234;
    assert.deepEqual(asked(await world.fetch({ criteria: OLD, ...at("2026-11-11") })), ["TOP 2 0"]);
    assert.deepEqual(asked(await world.fetch({ criteria: OLD, ...at("2026-11-11") })), []);
  }),
  inWorld(
    "ages: without a date, or with one that is still to come, mail is as old as its first sight",
    async (world) => {
      await proven(world);
      world.maildrop.deliver(weakMail("without a date"));
      world.maildrop.deliver(mail("of the future", "Hello.", ["Date: Sun, 2 Nov 2036 10:00:00 +0000"]));
      const first = await world.fetch({ criteria: OLD, ...at("2026-11-10") });
      assert.equal(first.summary.counts.waiting, 2);
      const other = await world.fetch({ criteria: compileCriteria("age:>20d"), ...at("2026-11-20") });
      assert.deepEqual(
        other.outcomes.map(
          (outcome) => outcome.kind === "waiting" && outcome.ripe.toISOString().slice(0, 10),
        ),
        ["2026-11-30", "2026-11-30"],
      );
      const ripe = await world.fetch({ criteria: OLD, ...at("2026-12-11") });
      assert.deepEqual(retrieved(ripe), ["RETR 2", "RETR 3"]);
    },
  ),
  inWorld("ages: what is too old is skipped for good, and so is what has another subject", async (world) => {
    await proven(world);
    world.maildrop.deliver(mail("invoice"));
    const young = await world.fetch({ criteria: compileCriteria("age:<7d"), ...at("2026-11-10") });
    const subject = compileCriteria("age:>30d AND subject:report");
    const other = await world.fetch({ criteria: subject, ...at("2026-11-10") });
    for (const { summary } of [young, other])
      assert.deepEqual([summary.counts.skipped, summary.counts.waiting], [1, 0]);
    assert.deepEqual(asked(await world.fetch({ criteria: subject, ...at("2027-11-10") })), []);
  }),
  inWorld("ages: what was retrieved to prove TOP is stored, though it is not old enough", async (world) => {
    world.maildrop.deliver(mail("invoice, long"));
    world.maildrop.deliver(mail("invoice"));
    const first = await world.fetch({ criteria: OLD, ...at("2026-11-10") });
    assert.deepEqual(asked(first), ["RETR 2", "TOP 2 0", "TOP 1 0"]);
    assert.deepEqual([first.summary.counts.stored, first.summary.counts.waiting, first.quit], [1, 1, true]);
    assert.deepEqual(await world.stored(), [mail("invoice")]);
  }),
  inWorld("ages: without TOP what was retrieved to be decided is stored at once", async (world) => {
    world.maildrop.top = "refused";
    for (const subject of ["invoice", "report"]) world.maildrop.deliver(mail(subject));
    const criteria = compileCriteria("age:>30d AND subject:invoice");
    const first = await world.fetch({ criteria, ...at("2026-11-10") });
    assert.deepEqual([first.summary.counts.stored, first.summary.counts.skipped, first.quit], [1, 1, true]);
    assert.deepEqual(await world.stored(), [mail("invoice")]);
    assert.deepEqual(asked(await world.fetch({ criteria, ...at("2026-12-10") })), []);
  }),
  inWorld(
    "ages: without unique-ids waiting mail is asked for by TOP at every run, and its first sight is kept",
    async (world) => {
      await proven(world);
      world.maildrop.uidl = false;
      world.maildrop.deliver(weakMail("without a date"));
      world.maildrop.deliver(weakMail("without a date"));
      for (const day of ["2026-11-10", "2026-11-20"]) {
        const waits = await world.fetch({ criteria: OLD, ...at(day) });
        assert.deepEqual([retrieved(waits), waits.summary.counts.waiting], [[], 3]);
      }
      const ripe = await world.fetch({ criteria: OLD, ...at("2026-12-11") });
      assert.deepEqual(retrieved(ripe), ["RETR 2", "RETR 3"]);
      assert.deepEqual(retrieved(await world.fetch({ criteria: OLD, ...at("2026-12-11") })), []);
      assert.deepEqual(await world.stored(), [mail("before"), weakMail("without a date")]);
    },
  ),
  inWorld("ages: waiting is no failure, and a failure ends it", async (world) => {
    await proven(world);
    const invoice = world.maildrop.deliver(mail("invoice", "x".repeat(5000)));
    await world.fetch({ criteria: OLD, ...at("2026-11-10") });
    assert.deepEqual(await failed(world), []);
    const ripe = await world.fetch({ criteria: OLD, maxOctets: 3000, ...at("2026-12-03") });
    assert.deepEqual([ripe.summary.counts.deferred, ripe.summary.counts.waiting], [1, 0]);
    assert.deepEqual(await failed(world), ["deferred"]);
    const older = await world.fetch({ criteria: OLDER, maxOctets: 3000, ...at("2026-12-04") });
    assert.deepEqual([asked(older), older.summary.counts.waiting], [["TOP 2 0"], 1]);
    assert.deepEqual(await failed(world), []);
    const { id } = await world.store.openMaildrop(world.name);
    const [row] = await world.store.entries(id, [uniqueIdKey(invoice.uniqueId ?? new Uint8Array(0))]);
    assert.deepEqual([row?.disposition, row?.attempts, row?.reason], ["waiting", 0, null]);
    // The ledger looks again after 30 days at the latest; these are fewer.
    assert.deepEqual(row?.due, new Date("2027-01-01T10:00:00.001Z"));
  }),
  inWorld(
    "ages: what a wrong clock let wait for years is looked at again, and counts from now",
    async (world) => {
      await proven(world);
      world.maildrop.deliver(weakMail("without a date"));
      await world.fetch({ criteria: OLD, ...at("2040-11-10") });
      const right = await world.fetch({ criteria: OLD, ...at("2026-11-10") });
      assert.deepEqual([asked(right), right.summary.counts.waiting], [["TOP 2 0"], 1]);
      assert.deepEqual(asked(await world.fetch({ criteria: OLD, ...at("2026-11-11") })), []);
      assert.deepEqual(retrieved(await world.fetch({ criteria: OLD, ...at("2026-12-11") })), ["RETR 2"]);
    },
  ),
  inWorld("ages: what has to wait for long is looked at in between, once in 30 days", async (world) => {
    await proven(world);
    world.maildrop.deliver(mail("invoice"));
    const criteria = compileCriteria("age:>=1y");
    const looks: string[] = [];
    for (const day of ["2026-11-10", "2026-12-09", "2026-12-11", "2027-01-09"])
      if (asked(await world.fetch({ criteria, ...at(day) })).length > 0) looks.push(day);
    assert.deepEqual(looks, ["2026-11-10", "2026-12-11"]);
    assert.deepEqual(retrieved(await world.fetch({ criteria, ...at("2027-11-03") })), ["RETR 2"]);
  }),
  inWorld("ages: what waits is known after a baseline", async (world) => {
    await proven(world);
    world.maildrop.deliver(mail("invoice"));
    await world.fetch({ criteria: OLD, ...at("2026-11-10") });
    await world.baseline();
    const later = await world.fetch({ criteria: OLD, ...at("2027-11-10") });
    assert.deepEqual([asked(later), later.summary.counts.known], [[], 2]);
  }),
  inWorld(
    "ages: a unique-id that was another message's waits without a row, and is stored when it is ripe",
    async (world) => {
      const { maildrop } = world;
      const { uniqueId } = maildrop.deliver(mail("before"));
      await world.fetch(at("2026-11-03"));
      maildrop.mails.splice(0);
      maildrop.deliver(mail("its heir, which is longer"), uniqueId);
      const young = await world.fetch({ criteria: OLD, ...at("2026-11-10") });
      assert.deepEqual([asked(young), young.summary.counts.waiting], [["TOP 1 0"], 1]);
      assert.deepEqual(asked(await world.fetch({ criteria: OLD, ...at("2026-11-11") })), ["TOP 1 0"]);
      assert.deepEqual(retrieved(await world.fetch({ criteria: OLD, ...at("2026-12-11") })), ["RETR 1"]);
      assert.equal((await world.stored()).length, 2);
    },
  ),
  inWorld(
    "ages: a first sight that a wrong clock wrote for what is stored does not let an heir of its unique-id wait for ever",
    async (world) => {
      const { maildrop } = world;
      const { uniqueId } = maildrop.deliver(mail("before"));
      await world.fetch(at("2040-11-03"));
      maildrop.mails.splice(0);
      maildrop.deliver(weakMail("an heir without a date"), uniqueId);
      assert.deepEqual(retrieved(await world.fetch({ criteria: OLD, ...at("2026-11-10") })), ["RETR 1"]);
    },
  ),
];

/** The clock of a run: noon of this day. */
function at(day: string): { readonly now: () => Date } {
  return { now: () => new Date(`${day}T12:00:00Z`) };
}

/** The dispositions of what is listed as failed. */
async function failed({ store, name }: World): Promise<readonly string[]> {
  const { id } = await store.openMaildrop(name);
  return (await all(store.deferredEntries(id))).flat().map(({ disposition }) => disposition);
}

/** The same store, and how often the whole ledger of a maildrop was asked for. */
function countingLooks(store: MessageStore): { readonly store: MessageStore; readonly looks: () => number } {
  let looks = 0;
  const counting = new Proxy(store, {
    get(target, name) {
      if (name === "knownEntries") looks++;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { store: counting, looks: () => looks };
}
