import assert from "node:assert/strict";
import { GuardFailedError } from "../errors.ts";
import { type LeaseHolder, type LeaseRequest, type Leases, LONGEST_LEASE_MS } from "../ports/leases.ts";
import type { Ledger } from "../ports/ledger.ts";
import { NEW_MAILDROP } from "../ports/maildrop.ts";
import { type ConformanceCase, type Opens, opened } from "./case.ts";
import { entry, GUARD } from "./sample.ts";

/** What every {@link Leases} must do, and how a lease guards transactions. */
export const leaseConformance: readonly ConformanceCase<Opens<Ledger & Leases>>[] = [
  opened("a lease is one run's until it expires, is given back, or its owner is dead", async (store) => {
    const { id } = await store.openMaildrop("ben");
    const request = (token: string, ttlMs = 60_000, dead: readonly string[] = []): LeaseRequest => ({
      token,
      owner: `owner of ${token}`,
      ttlMs,
      isDead: (owner) => dead.includes(owner),
    });
    assert.equal((await store.acquireLease("ben", request("a"))).kind, "taken");
    const holder = await holderOf(store, request("b"));
    assert.equal(holder?.owner, "owner of a");
    assert.ok(holder.expiresInMs > 50_000 && holder.expiresInMs <= 60_000, String(holder.expiresInMs));
    assert.equal(await store.renewLease(id, "b", 60_000), false);
    assert.equal(await store.renewLease(id, "a", 60_000), true);
    await store.releaseLease(id, "b");
    assert.notEqual(await holderOf(store, request("b")), null);
    assert.equal(await holderOf(store, request("b", 60_000, ["owner of a"])), null);
    assert.equal(await store.renewLease(id, "a", 60_000), false);
    await store.releaseLease(id, "b");
    assert.equal(await holderOf(store, request("c", -1)), null);
    assert.equal(await holderOf(store, request("d")), null);
    const asked = await Promise.all(["e", "f", "g"].map((token) => holderOf(store, request(token))));
    assert.equal(asked.filter((one) => one === null).length, 0);
  }),
  opened("a lease that would hold for longer than any is given for holds nobody off", async (store) => {
    const { id } = await store.openMaildrop("ben");
    const request = (token: string, ttlMs: number): LeaseRequest => ({
      token,
      owner: token,
      ttlMs,
      isDead: () => false,
    });
    // Such a lease is in the database if its clock was years, or some hours, ahead when the lease was given.
    for (const [n, tooLong] of [11 * 365 * 24 * 3_600_000, LONGEST_LEASE_MS + 60_000].entries()) {
      assert.equal(await holderOf(store, request(`ahead ${n}`, tooLong)), null);
      assert.equal(await holderOf(store, request(`next ${n}`, LONGEST_LEASE_MS - 5000)), null);
      assert.equal(await store.renewLease(id, `ahead ${n}`, 60_000), false);
      const holder = await holderOf(store, request("another", 60_000));
      assert.equal(holder?.owner, `next ${n}`);
      await store.releaseLease(id, `next ${n}`);
    }
  }),
  opened("of many who ask for a lease at once, one gets it", async (store) => {
    const asked = await Promise.all(
      ["a", "b", "c", "d", "e", "f"].map((token) =>
        holderOf(store, { token, owner: token, ttlMs: 60_000, isDead: () => false }),
      ),
    );
    assert.equal(asked.filter((one) => one === null).length, 1);
  }),
  opened(
    "a transaction under somebody else's lease is refused, one without a lease is not",
    async (store) => {
      const { id } = await store.openMaildrop("ben");
      await store.acquireLease("ben", { token: "a", owner: "a", ttlMs: 60_000, isDead: () => false });
      await store.transact(id, { ...GUARD, leaseToken: "a" }, (tx) => tx.insertEntries([entry("uid-1")]));
      await assert.rejects(
        store.transact(id, { ...GUARD, leaseToken: "b" }, async () => {}),
        GuardFailedError,
      );
      await store.transact(id, GUARD, (tx) => tx.insertEntries([entry("uid-2")]));
    },
  ),
  opened(
    "the maildrop whose lease is taken is made if it is missing, by one of many callers",
    async (store) => {
      const tokens = ["a", "b", "c", "d"];
      const answers = await Promise.all(
        tokens.map((token) =>
          store.acquireLease("ben", { token, owner: token, ttlMs: 60_000, isDead: () => false }),
        ),
      );
      const [taken, ...more] = answers.flatMap((answer) => (answer.kind === "taken" ? [answer] : []));
      assert.equal(more.length, 0);
      const maildrop = await store.openMaildrop("ben");
      assert.deepEqual(taken, { kind: "taken", isNew: true, maildrop });
      assert.deepEqual(maildrop, { ...NEW_MAILDROP, id: maildrop.id, name: "ben" });
      const again = { token: "e", owner: "e", ttlMs: 60_000, isDead: () => true };
      const overtaken = { ...maildrop, endedCleanly: false };
      const answer = await store.acquireLease("ben", again);
      assert.deepEqual(answer, { kind: "taken", isNew: false, maildrop: overtaken });
    },
  ),
  opened("a run whose lease is taken over has not ended by itself", async (store) => {
    const { id } = await store.openMaildrop("ben");
    const request = (token: string, ttlMs = 60_000, isDead = false): LeaseRequest => ({
      token,
      owner: token,
      ttlMs,
      isDead: () => isDead,
    });
    const endedCleanly = async (wanted: LeaseRequest): Promise<boolean | null> => {
      const answer = await store.acquireLease("ben", wanted);
      return answer.kind === "taken" ? answer.maildrop.endedCleanly : null;
    };
    assert.equal(await endedCleanly(request("a")), true);
    // Whoever asks again, because the answer was lost, has it as before.
    assert.equal(await endedCleanly(request("a")), true);
    await store.releaseLease(id, "a");
    assert.notEqual(await endedCleanly(request("expired", -1)), null);
    assert.equal((await store.openMaildrop("ben")).endedCleanly, false);
    assert.equal(await endedCleanly(request("b")), false);
    await store.releaseLease(id, "b", { generation: 0, change: { endedCleanly: true } });
    assert.equal(await endedCleanly(request("dead")), true);
    assert.equal(await endedCleanly(request("c", 60_000, true)), false);
    await store.releaseLease(id, "c");
    assert.equal((await store.openMaildrop("ben")).endedCleanly, false);
  }),
];

/** Asks for the lease of "ben"; gives the holder, null if the caller has it now. */
async function holderOf(store: Leases, request: LeaseRequest): Promise<LeaseHolder | null> {
  const answer = await store.acquireLease("ben", request);
  return answer.kind === "taken" ? null : answer.holder;
}
