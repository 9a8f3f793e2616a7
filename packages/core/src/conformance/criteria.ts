import assert from "node:assert/strict";
import { compileCriteria, type QueryCriteria } from "../criteria/compile.ts";
import { uniqueIdKey } from "../message/identity.ts";
import { byIdentity, isUnlike, sameCriteria } from "../ports/ledger-entry.ts";
import type { ConformanceCase } from "./case.ts";
import type { StoreContext } from "./store.ts";
import { type Fetched, inWorld, mail, type World, weakMail } from "./world.ts";

const INVOICES = compileCriteria("subject:invoice*");
const REPORTS = compileCriteria("subject:report");

/** What fetches with criteria must do with every {@link MessageStore}: which commands are sent, and what is stored. */
export const criteriaConformance: readonly ConformanceCase<StoreContext>[] = [
  inWorld(
    "criteria: one TOP for each undecided message, no RETR for a skipped one, nothing for a decided one",
    async (world) => {
      await proven(world);
      const { maildrop } = world;
      for (const subject of ["invoice 1", "report 1", "invoice 2", "report 2"])
        maildrop.deliver(mail(subject));
      const first = await world.fetch({ criteria: INVOICES });
      assert.deepEqual(asked(first), ["TOP 2 0", "TOP 3 0", "TOP 4 0", "TOP 5 0", "RETR 2", "RETR 4"]);
      assert.equal(first.summary.counts.skipped, 2);
      const again = await world.fetch({ criteria: INVOICES });
      assert.deepEqual(asked(again), []);
      assert.equal(again.summary.counts.known, 5);
      maildrop.deliver(mail("report 3"));
      assert.deepEqual(asked(await world.fetch({ criteria: INVOICES })), ["TOP 6 0"]);
      assert.deepEqual(asked(await world.fetch({ criteria: INVOICES })), []);
    },
  ),
  inWorld(
    "criteria: written in another way they ask nothing again; changed ones ask only what was skipped",
    async (world) => {
      await proven(world);
      for (const subject of ["invoice 1", "report 1", "invoice 2", "note"])
        world.maildrop.deliver(mail(subject));
      await world.fetch({ criteria: INVOICES });
      const same = compileCriteria("  ( subject:INVOICE* ) ");
      assert.deepEqual(asked(await world.fetch({ criteria: same })), []);
      const changed = await world.fetch({ criteria: REPORTS });
      assert.deepEqual(asked(changed), ["TOP 3 0", "TOP 5 0", "RETR 3"]);
      assert.deepEqual(asked(await world.fetch({ criteria: REPORTS })), []);
      assert.deepEqual(asked(await world.fetch()), ["RETR 5"]);
      assert.deepEqual(await world.stored(), [...world.listed()]);
    },
  ),
  inWorld("criteria: a row that other criteria reject again says what the header says now", async (world) => {
    await proven(world);
    const one = world.maildrop.deliver(mail("report 1"), "one");
    world.maildrop.deliver(mail("report 2"), "two");
    const rowsBy = async (criteria: QueryCriteria) => {
      await world.fetch({ criteria });
      const { id } = await world.store.openMaildrop(world.name);
      const keys = ["one", "two"].map((uniqueId) => uniqueIdKey(Buffer.from(uniqueId)));
      return byIdentity(await world.store.entries(id, keys));
    };
    const first = await rowsBy(INVOICES);
    one.octets = Buffer.from(mail("report 3"));
    const again = await rowsBy(compileCriteria("subject:note"));
    for (const [key, row] of first) {
      const isOne = Buffer.from(row.identity).toString() === "one";
      const now = again.get(key);
      assert.equal(isUnlike(row, now?.headerDigest ?? null), isOne);
      assert.deepEqual(now?.firstSeen, row.firstSeen);
      assert.equal(sameCriteria(now?.criteriaDigest ?? null, row.criteriaDigest), false);
    }
  }),
  inWorld(
    "criteria: the first run retrieves one message to prove TOP, the smallest, and decides the others by TOP",
    async (world) => {
      for (const subject of ["report, long", "invoice", "report", "report again"])
        world.maildrop.deliver(mail(subject));
      const first = await world.fetch({ criteria: INVOICES });
      assert.deepEqual(asked(first), ["RETR 3", "TOP 3 0", "TOP 1 0", "TOP 2 0", "TOP 4 0", "RETR 2"]);
      assert.deepEqual(await world.stored(), [mail("invoice")]);
      assert.equal(first.quit, true);
      assert.deepEqual(asked(await world.fetch({ criteria: INVOICES })), []);
    },
  ),
  inWorld("criteria: what the listed octets decide is not asked for", async (world) => {
    const small = mail("small");
    world.maildrop.deliver(mail("large", "x".repeat(5000)));
    world.maildrop.deliver(small);
    world.maildrop.deliver(mail("large again", "x".repeat(5000)));
    const first = await world.fetch({ criteria: compileCriteria("octets:<2k") });
    assert.deepEqual(asked(first), ["RETR 2", "TOP 2 0"]);
    assert.equal(first.summary.counts.skipped, 2);
    assert.deepEqual(asked(await world.fetch({ criteria: compileCriteria("octets:<=2047") })), []);
    const both = await world.fetch({ criteria: compileCriteria("octets:>2k AND subject:again") });
    assert.deepEqual(asked(both), ["TOP 1 0", "TOP 3 0", "RETR 3"]);
    world.maildrop.deliver(mail("another small one"));
    const none = await world.fetch({ criteria: compileCriteria("subject:another AND octets:>2k") });
    assert.deepEqual(asked(none), ["TOP 1 0"]);
  }),
  inWorld(
    "criteria: without TOP they decide what was retrieved, say so once, and remember it",
    async (world) => {
      world.maildrop.top = "refused";
      for (const subject of ["invoice 1", "report 1", "report 2"]) world.maildrop.deliver(mail(subject));
      const first = await world.fetch({ criteria: INVOICES });
      assert.deepEqual(new Set(first.retrieved), new Set([1, 2, 3]));
      assert.equal(first.summary.counts.skipped, 2);
      assert.deepEqual(
        first.summary.warnings.map(({ code }) => code),
        ["top-unreliable", "criteria-after-retr"],
      );
      assert.deepEqual(await world.stored(), [mail("invoice 1")]);
      assert.deepEqual(asked(await world.fetch({ criteria: INVOICES })), []);
      world.maildrop.deliver(mail("report 3"));
      const next = await world.fetch({ criteria: INVOICES });
      assert.deepEqual(asked(next), ["RETR 4"]);
      assert.deepEqual(
        next.summary.warnings.map(({ code }) => code),
        ["criteria-after-retr"],
      );
    },
  ),
  inWorld(
    "criteria: skipped mail whose listed octets change is decided by TOP again, not retrieved",
    async (world) => {
      await proven(world);
      const skipped = world.maildrop.deliver(mail("report 1"));
      await world.fetch({ criteria: INVOICES });
      skipped.listedOctets = 1234;
      assert.deepEqual(asked(await world.fetch({ criteria: INVOICES })), ["TOP 2 0"]);
      assert.deepEqual(asked(await world.fetch({ criteria: INVOICES })), []);
    },
  ),
  inWorld("criteria: what was deferred is skipped once criteria reject it", async (world) => {
    await proven(world);
    world.maildrop.deliver(mail("report", "x".repeat(5000)));
    world.maildrop.deliver(mail("newsletter", "x".repeat(5000)));
    const deferred = await world.fetch({ maxOctets: 3000 });
    assert.equal(deferred.summary.counts.deferred, 2);
    const byHeader = await world.fetch({
      maxOctets: 3000,
      criteria: compileCriteria("NOT subject:report"),
    });
    assert.deepEqual(asked(byHeader), ["TOP 2 0", "TOP 3 0"]);
    assert.deepEqual([byHeader.summary.counts.skipped, byHeader.summary.counts.deferred], [1, 1]);
    const byOctets = await world.fetch({ maxOctets: 3000, criteria: compileCriteria("octets:<3k") });
    assert.deepEqual(asked(byOctets), []);
    assert.deepEqual([byOctets.summary.counts.skipped, byOctets.summary.counts.deferred], [2, 0]);
  }),
  inWorld("criteria: without unique-ids skipped mail is known by its header", async (world) => {
    await proven(world);
    world.maildrop.uidl = false;
    for (const subject of ["invoice", "report"]) world.maildrop.deliver(weakMail(subject));
    const first = await world.fetch({ criteria: INVOICES });
    assert.deepEqual(retrieved(first), ["RETR 2"]);
    assert.deepEqual(retrieved(await world.fetch({ criteria: INVOICES })), []);
    assert.deepEqual(retrieved(await world.fetch({ criteria: REPORTS })), ["RETR 3"]);
    assert.deepEqual(retrieved(await world.fetch({ criteria: REPORTS })), []);
  }),
  inWorld(
    "criteria: what the listed octets reject is not retrieved, though there is neither UIDL nor TOP",
    async (world) => {
      world.maildrop.uidl = false;
      world.maildrop.top = "refused";
      world.maildrop.deliver(weakMail("large", "x".repeat(5000)));
      world.maildrop.deliver(weakMail("small"));
      world.maildrop.deliver(weakMail("large, too", "x".repeat(6000)));
      const small = compileCriteria("octets:<2k");
      assert.deepEqual(retrieved(await world.fetch({ criteria: small })), ["RETR 2"]);
      assert.deepEqual(retrieved(await world.fetch({ criteria: small })), ["RETR 2"]);
      assert.deepEqual(await world.stored(), [weakMail("small")]);
      const large = await world.fetch({ criteria: compileCriteria("octets:>5500") });
      assert.deepEqual(retrieved(large), ["RETR 3"]);
    },
  ),
];

/** Makes a world with one stored message, by which TOP has proved itself. */
export async function proven(world: World): Promise<World> {
  world.maildrop.deliver(mail("before"));
  await world.fetch();
  return world;
}

/** The commands RETR and TOP that were sent, in order. */
export function asked({ commands, error }: Fetched): readonly string[] {
  assert.equal(error, null);
  return commands.filter((command) => /^(?:TOP|RETR) /.test(command));
}

export function retrieved(fetched: Fetched): readonly string[] {
  return asked(fetched).filter((command) => command.startsWith("RETR "));
}
