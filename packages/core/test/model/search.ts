import fc from "fast-check";
import { type Aim, histories } from "./arbitrary.ts";
import type { History } from "./history.ts";
import { play, type Tally } from "./play.ts";

/** A history that breaks a promise, as short as shrinking could make it. */
export interface Counterexample {
  readonly aim: Aim;
  readonly seed: number;
  readonly path: string;
  readonly history: History;
  readonly verdict: string;
}

class Broken extends Error {}

/** Plays `count` random histories. Gives null if no promise is broken. The same seed gives the same histories. */
export async function search(
  aim: Aim,
  seed: number,
  count: number,
  tally: Tally,
  { path = "", shrink = true }: { readonly path?: string; readonly shrink?: boolean } = {},
): Promise<Counterexample | null> {
  const property = fc.asyncProperty(histories(aim), async (history) => {
    const verdict = await play(history, tally);
    if (verdict !== null) throw new Broken(`${verdict.kind}: ${verdict.detail}`);
  });
  const found = await fc.check(property, {
    seed,
    numRuns: count,
    endOnFailure: !shrink,
    ...(path === "" ? {} : { path }),
  });
  if (!found.failed) return null;
  const { counterexample, counterexamplePath, errorInstance } = found;
  const history = counterexample?.[0];
  if (history === undefined) throw new Error("fast-check gave no history", { cause: errorInstance });
  const verdict = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return { aim, seed, path: counterexamplePath ?? "", history, verdict };
}
