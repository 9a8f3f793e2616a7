import { afterEach, expect, it, vi } from "vitest";
import { HeldExport } from "../../src/ledger/held-export.ts";
import type { Exports } from "../../src/ledger/ports.ts";

const PROGRESS = { place: null, fileOctets: 0, fileMark: null, endedCleanly: true };

afterEach(() => void vi.useRealTimers());

/** Exports of which one is taken; each renewal is counted, and succeeds as long as it is held. */
function exportsOf(state: {
  isHeld: boolean;
  renewals: number;
}): Pick<Exports, "take" | "renew" | "release"> {
  return {
    take: async (_name, { token }) => ({ id: 1, token, ...PROGRESS }),
    renew: async () => {
      state.renewals++;
      return state.isHeld;
    },
    release: async () => undefined,
  };
}

it.each([
  ["it was held up for longer than half of the lease", 31_000],
  ["the clock was set back", -3_600_000],
])("asks the database before a write when %s", async (_when, ms) => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const state = { isHeld: true, renewals: 0 };
  const exports = exportsOf(state) as Exports;
  await using held = await HeldExport.take({ exports }, "backup", { ttlMs: 60_000 });
  await held.confirm();
  expect(state.renewals).toBe(0);
  vi.setSystemTime(Date.now() + ms);
  await held.confirm();
  expect(state.renewals).toBe(1);
  state.isHeld = false;
  vi.setSystemTime(Date.now() + ms);
  await expect(held.confirm()).rejects.toMatchObject({ code: "export-lost" });
  await expect(held.confirm()).rejects.toMatchObject({ code: "export-lost" });
});
