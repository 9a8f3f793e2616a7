import assert from "node:assert/strict";
import type { Criteria } from "../criteria/criteria.ts";
import { ITEMS_A_CALL } from "../ports/ledger.ts";
import type { ConformanceCase } from "./case.ts";
import { sha256 } from "./sample.ts";
import type { StoreContext } from "./store.ts";
import { inWorld, mail, type World, weakMail } from "./world.ts";

/** More messages than the keys or rows of two calls. */
const MANY = 2 * ITEMS_A_CALL + 500;

function deliver(world: World, texts: readonly string[]): void {
  for (const text of texts) world.maildrop.deliver(text);
}

const numbered = (count = MANY): readonly string[] =>
  Array.from({ length: count }, (_, n) => mail(`number ${n}`));

/**
 * What runs over a large maildrop, in which everything changes at once, must do with every {@link MessageStore}: no call
 * is longer than the port allows, and the result is the same as for a small maildrop.
 */
export const manyConformance: readonly ConformanceCase<StoreContext>[] = [
  inWorld("binds thousands that were renumbered, as a check has told", async (world) => {
    deliver(world, numbered());
    await world.fetch();
    world.maildrop.renumber();
    const told = await world.check();
    assert.equal(told.error, null);
    assert.deepEqual([told.summary.counts.rebound, told.summary.counts.new], [MANY, 0]);
    const fetched = await world.fetch();
    assert.deepEqual([fetched.error, fetched.summary.counts.rebound, fetched.retrieved], [null, MANY, []]);
    assert.equal((await world.fetch()).summary.counts.known, MANY);
  }),
  inWorld("tells more copies of one message apart than a call takes", async (world) => {
    const count = ITEMS_A_CALL + 200;
    deliver(world, Array<string>(count).fill(mail("a copy")));
    assert.equal((await world.fetch()).summary.counts.stored, count);
    world.maildrop.renumber();
    const fetched = await world.fetch();
    assert.equal(fetched.error, null);
    assert.deepEqual([fetched.summary.counts.stored, fetched.summary.counts.rebound], [0, count]);
    assert.equal((await world.stored()).length, count);
  }),
  inWorld("knows thousands again whose octets a server has changed", async (world) => {
    deliver(world, numbered());
    await world.fetch();
    for (const one of world.maildrop.mails)
      one.octets = Buffer.concat([Buffer.from("Status: RO\r\n"), one.octets]);
    const fetched = await world.fetch();
    assert.deepEqual([fetched.error, fetched.summary.counts.known, fetched.retrieved], [null, MANY, []]);
  }),
  inWorld("rejects thousands, and thousands again under other criteria", async (world) => {
    deliver(world, [...numbered(), mail("wanted")]);
    const criteria = (text: string): Criteria => ({
      digest: sha256(text),
      accepts: ({ block }) => Buffer.from(block).includes(`Subject: ${text}`),
    });
    await world.fetch({ criteria: criteria("nothing") });
    const fetched = await world.fetch({ criteria: criteria("wanted") });
    assert.equal(fetched.error, null);
    assert.deepEqual([fetched.summary.counts.skipped, fetched.summary.counts.stored], [MANY, 1]);
  }),
  inWorld("counts thousands by class where there are no unique-ids, strong and weak", async (world) => {
    const weak = Array.from({ length: MANY }, (_, n) => weakMail(`number ${n}`));
    deliver(world, [...numbered(), ...weak]);
    world.maildrop.uidl = false;
    assert.equal((await world.fetch()).summary.counts.stored, 2 * MANY);
    const fetched = await world.fetch();
    assert.deepEqual([fetched.error, fetched.summary.counts.known, fetched.retrieved], [null, 2 * MANY, []]);
    world.maildrop.mails.length = MANY + 10;
    assert.equal((await world.fetch()).error, null);
  }),
  inWorld("knows thousands of marked messages again after they were renumbered twice", async (world) => {
    deliver(world, numbered());
    // By the message that this fetches TOP proves itself.
    await world.fetch({ limit: 1 });
    await world.baseline();
    for (let times = 0; times < 2; times++) {
      world.maildrop.renumber();
      const fetched = await world.fetch();
      assert.deepEqual([fetched.error, fetched.summary.counts.rebound, fetched.retrieved], [null, MANY, []]);
    }
  }),
  inWorld("defers thousands that are refused, and tells why each", async (world) => {
    deliver(world, numbered());
    for (const one of world.maildrop.mails) one.refused = true;
    assert.equal((await world.fetch()).summary.counts.deferred, MANY);
    const told = await world.check();
    assert.equal(told.error, null);
    const reasons = told.outcomes.filter(
      (outcome) => outcome.kind === "deferred" && outcome.reason.code === "refused",
    );
    assert.equal(reasons.length, MANY);
  }),
];
