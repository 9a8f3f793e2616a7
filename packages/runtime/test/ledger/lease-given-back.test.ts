import { type LeaseAnswer, type LeaseEnd, type LeaseRequest, StoreUnavailableError } from "@mailonce/core";
import { InMemoryStore } from "@mailonce/core/memory";
import { expect, test } from "vitest";
import { holdLease, type LeaseStore } from "../../src/ledger/lease.ts";

/** A store that is away for the first few times that a lease is given back. */
class AwayStore extends InMemoryStore {
  away = 3;

  override async releaseLease(maildropId: number, token: string, end?: LeaseEnd): Promise<void> {
    if (this.away-- > 0) throw new StoreUnavailableError("the database is away");
    await super.releaseLease(maildropId, token, end);
  }
}

test("a lease that could not be given back because the database was away is given back as soon as it answers", async () => {
  const store: LeaseStore = new AwayStore();
  {
    await using _lease = await holdLease(store, "ann", { ttlMs: 3000 });
  }
  await expect(holdLease(store, "ann")).rejects.toThrow(/is working on this maildrop/);
  await using again = await holdLease(store, "ann", { wait: 2000 });
  expect(again.signal.aborted).toBe(false);
});

test("a lease whose taking was committed although the answer was lost is given back", async () => {
  class MuteStore extends InMemoryStore {
    mute = true;

    override async acquireLease(maildropName: string, request: LeaseRequest): Promise<LeaseAnswer> {
      const answer = await super.acquireLease(maildropName, request);
      if (this.mute) throw new StoreUnavailableError("the connection broke");
      return answer;
    }
  }
  const store = new MuteStore();
  await expect(holdLease(store, "ann")).rejects.toThrow("the connection broke");
  store.mute = false;
  await using lease = await holdLease(store, "ann", { wait: 2000 });
  expect(lease.signal.aborted).toBe(false);
});
