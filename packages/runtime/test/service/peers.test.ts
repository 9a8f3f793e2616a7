import { expect, test } from "vitest";
import { Peers } from "../../src/service/peers.ts";
import { processFacts } from "../../src/system/process-identity.ts";
import { ownerText } from "../../src/system/process-owner.ts";

const facts = processFacts();
const elsewhere = (pid: number) => ownerText({ ...facts.self, host: "elsewhere", boot: "another", pid });

/** A worker of a database in which these others are announced. */
function among(
  others: readonly { readonly owner: string; readonly queue: "own" | "shared" }[],
  shared: boolean,
) {
  const told: string[] = [];
  const calls: string[] = [];
  const clock = { now: 0 };
  const peers = new Peers({
    workers: {
      announce: async ({ queue }) => {
        calls.push(`announce ${queue}`);
        return others;
      },
      leave: async () => {
        calls.push("leave");
        throw new Error("the database is away");
      },
    },
    hasSharedQueue: shared,
    onStranger: (owner) => told.push(owner),
    now: () => clock.now,
  });
  return { peers, told, calls, clock };
}

test("workers with one queue know each other", async () => {
  const { peers, told } = among([{ owner: elsewhere(1), queue: "shared" }], true);
  expect(peers.count).toBeNull();
  await peers.announce();
  expect([peers.count, peers.hasStrangers, told]).toEqual([2, false, []]);
});

test.each([
  ["a queue of its own beside a shared one", "own", true],
  ["a shared queue beside one of its own", "shared", false],
  ["two queues of their own", "own", false],
] as const)("%s is told once", async (_, queue, shared) => {
  const stranger = elsewhere(1);
  const { peers, told, clock } = among([{ owner: stranger, queue }], shared);
  await peers.announce();
  clock.now = 10_000;
  await peers.announce();
  expect([peers.count, peers.hasStrangers, told]).toEqual([2, true, [stranger]]);
});

test("a worker says that it lives every ten seconds, and at its end that it does not, which may fail", async () => {
  const { peers, calls, clock } = among([], false);
  await peers.leave();
  for (const now of [0, 3_000, 9_999, 10_000]) {
    clock.now = now;
    await peers.announce();
  }
  await peers.leave();
  expect(calls).toEqual(["announce own", "announce own", "leave"]);
});
