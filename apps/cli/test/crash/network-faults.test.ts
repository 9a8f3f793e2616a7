import { describe, expect, it } from "vitest";
import { networkTrial } from "./network-fault.ts";

describe("a network that cuts, resets, stalls, trickles and garbles", () => {
  it.each([
    ["memory", 1, 45],
    ["sqlite", 46, 60],
  ] as const)("neither loses nor doubles a message on its way into %s", async (kind, from, to) => {
    const trials = [];
    for (let seed = from; seed <= to; seed++) trials.push(await networkTrial(seed, kind));
    expect(trials.filter(({ troubles }) => troubles.length > 0)).toEqual([]);
    expect(trials.filter(({ struck }) => struck).length).toBeGreaterThan(trials.length / 2);
  });
});
