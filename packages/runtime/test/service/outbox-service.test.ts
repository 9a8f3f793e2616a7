import { expect, onTestFinished, test, vi } from "vitest";
import { FailureError } from "../../src/failure/failure-error.ts";
import { OutboxService } from "../../src/service/outbox-service.ts";

/** A service whose deliveries the test ends one by one. */
function service(keepMs: number | null = null, removed: readonly number[] = []) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const deliveries: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  const told: string[] = [];
  const left = [...removed];
  const outbox = new OutboxService({
    deliverer: {
      deliverDue: () =>
        new Promise((resolve, reject) =>
          deliveries.push({ resolve: () => resolve({ delivered: 0, failed: 0 }), reject }),
        ),
    },
    outbox: { prune: async () => left.shift() ?? 0 },
    keepMs: () => keepMs,
    onPruned: (count) => told.push(`${count} removed`),
    onFailure: ({ code }) => told.push(code),
  });
  return { outbox, deliveries, told };
}
const turn = () => vi.advanceTimersByTimeAsync(0);

test("the outbox is delivered at once, and again after what was put in meanwhile", async () => {
  const { outbox, deliveries } = service();
  outbox.kick();
  outbox.kick();
  expect(deliveries).toHaveLength(1);
  deliveries[0]?.resolve();
  await turn();
  expect(deliveries).toHaveLength(2);
  deliveries[1]?.resolve();
  await turn();
  expect(deliveries).toHaveLength(2);
  await outbox.end();
});

test("the outbox is looked at every five seconds, and a failure is told", async () => {
  const { outbox, deliveries, told } = service();
  deliveries[0]?.reject(new FailureError("database-away", "the database is away", "unavailable"));
  await vi.advanceTimersByTimeAsync(5000);
  expect([deliveries.length, told]).toEqual([2, ["database-away"]]);
  deliveries[1]?.resolve();
  await outbox.end();
});

test("old deliveries are removed at the start and every hour, unless they are kept for ever", async () => {
  const { outbox, told } = service(1000, [3, 2, 0, 4]);
  await turn();
  expect(told).toEqual(["5 removed"]);
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(told).toEqual(["5 removed", "4 removed"]);
  void outbox.end();
  const other = service(null, [3]);
  await turn();
  expect(other.told).toEqual([]);
  void other.outbox.end();
});

test("after its end nothing begins, it waits for what is under way, and a failure is not told", async () => {
  const { outbox, deliveries, told } = service();
  let isOver = false;
  const ended = outbox.end().then(() => {
    isOver = true;
  });
  outbox.kick();
  await turn();
  expect([deliveries.length, isOver]).toEqual([1, false]);
  deliveries[0]?.reject(new Error("broken off"));
  await ended;
  await vi.advanceTimersByTimeAsync(60_000);
  expect([deliveries.length, told]).toEqual([1, []]);
});
