import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../../scripts/setup.mjs";

const HOUR = 3_600_000;
const INTERVAL = 300_000;
const HOSTS = 200;
const LIMITS = { all: 1000, perHost: 20 };

/**
 * The worker's own queue and rules, with a clock and runs that are simulated: every run takes one to three seconds.
 * @param {number} count
 */
export async function benchScheduling(count) {
  const schedule = join(root, "packages/runtime/dist/schedule");
  /** @param {string} name */
  const load = (name) => import(pathToFileURL(join(schedule, name)).href);
  const { TimerQueue } = await load("timer-queue.js");
  const { DueHeap } = await load("due-heap.js");
  const { begun, ended, NEVER_RUN } = await load("account-health.js");
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const clock = simulatedClock(DueHeap);
  const plan = { schedule: { kind: "interval", ms: INTERVAL }, leastGapMs: 0 };
  const standings = new Map();
  const due = new Map();
  let runs = 0;
  let most = 0;
  let underWay = 0;
  /** @type {number[]} */
  const lags = [];
  const queue = new TimerQueue(LIMITS, clock);
  const start = clock.now();
  for (let n = 0; n < count; n++) {
    const time = start + Math.floor(clock.random() * INTERVAL);
    due.set(`account${n}`, time);
    await queue.put({ name: `account${n}`, host: `host${n % HOSTS}`, due: time, everyMs: INTERVAL });
  }
  const digest = new Uint8Array(32);
  await queue.start(async (/** @type {string} */ name) => {
    runs++;
    most = Math.max(most, ++underWay);
    if (runs % 10 === 0) lags.push(clock.now() - due.get(name));
    const health = begun(standings.get(name) ?? NEVER_RUN, plan, clock.now());
    await clock.wait(1000 + Math.floor(2000 * clock.random()));
    underWay--;
    const result = clock.random() < 0.01 ? { kind: "trouble" } : { kind: "ended" };
    const end = ended(health, plan, result, { now: clock.now(), random: clock.random(), digest });
    standings.set(name, end.health);
    due.set(name, end.due);
    return end.due;
  });
  const wall = performance.now();
  const cpu = process.cpuUsage();
  await clock.run(start + HOUR);
  const { user, system } = process.cpuUsage(cpu);
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed - before;
  lags.sort((a, b) => a - b);
  const at = (/** @type {number} */ part) => lags[Math.floor(part * (lags.length - 1))] ?? 0;
  const spent = (user + system) / 1000;
  console.log(
    `${count.toLocaleString("en")} accounts every 5 minutes for a simulated hour: ${runs.toLocaleString("en")} runs, at most ${most} at a time`,
  );
  console.log(
    `  ${(spent / 1000).toFixed(1)} s of CPU (${((1000 * spent) / runs).toFixed(0)} µs a run, ${((100 * spent) / HOUR).toFixed(2)} % of the hour), ${((performance.now() - wall) / 1000).toFixed(1)} s of wall time`,
  );
  console.log(
    `  memory ${(heap / 2 ** 20).toFixed(0)} MiB (${(heap / count).toFixed(0)} octets an account, standings included)`,
  );
  console.log(`  lag: median ${at(0.5)} ms, 99 % ${at(0.99)} ms, most ${at(1)} ms`);
}

/** @param {new () => { put(name: string, due: number): void, take(now: number): string | null, remove(name: string): void, readonly first: number }} DueHeap */
function simulatedClock(DueHeap) {
  let now = Date.parse("2026-03-02T00:00:00Z");
  let state = 1;
  let last = 0;
  const heap = new DueHeap();
  /** @type {Map<string, () => void>} */
  const calls = new Map();
  const clock = {
    now: () => now,
    random() {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    },
    callAt(/** @type {number} */ time, /** @type {() => void} */ call) {
      const name = String(last++);
      calls.set(name, call);
      heap.put(name, time);
      return () => {
        calls.delete(name);
        heap.remove(name);
      };
    },
    /** @returns {Promise<void>} */
    wait: (/** @type {number} */ ms) => new Promise((resolve) => clock.callAt(now + ms, () => resolve())),
    async run(/** @type {number} */ end) {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        const { first } = heap;
        if (first > end) return;
        now = Math.max(now, first);
        for (let name = heap.take(now); name !== null; name = heap.take(now)) {
          calls.get(name)?.();
          calls.delete(name);
        }
      }
    },
  };
  return clock;
}
