/**
 * One thing that every implementation of a port must do. `run` throws (an AssertionError of node:assert) if it does
 * not, so that any test runner can be used.
 */
export interface ConformanceCase<Context> {
  /** A sentence. */
  readonly name: string;
  run(context: Context): Promise<void>;
}

/** How a case gets at what is under test. */
export interface Opens<Tested> {
  /** A fresh one that holds nothing. */
  open(): Promise<Tested>;
}

/** A case that needs one fresh thing under test. */
export function opened<Tested>(
  name: string,
  run: (tested: Tested) => Promise<void>,
): ConformanceCase<Opens<Tested>> {
  return { name, run: async ({ open }) => run(await open()) };
}
