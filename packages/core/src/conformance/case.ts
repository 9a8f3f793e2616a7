/**
 * One thing that every implementation of a port must do. `run` throws an AssertionError of node:assert if the
 * implementation does not do it, so that any test runner can be used.
 */
export interface ConformanceCase<Context> {
  /** What the implementation must do, as a sentence. */
  readonly name: string;
  run(context: Context): Promise<void>;
}

/** Gives a case the implementation that is tested. */
export interface Opens<Tested> {
  /** Makes a new, empty one. */
  open(): Promise<Tested>;
}

/** Makes a case that needs one new implementation, which `run` gets. */
export function opened<Tested>(
  name: string,
  run: (tested: Tested) => Promise<void>,
): ConformanceCase<Opens<Tested>> {
  return { name, run: async ({ open }) => run(await open()) };
}
