import type { Ending } from "@mailonce/runtime";

/** The exit codes of the worker, by how it ended; they are those of the command line. */
export const EXIT = {
  done: 0,
  internal: 1,
  usage: 2,
  partial: 65,
  unavailable: 69,
  unwritable: 73,
  busy: 75,
  denied: 77,
  config: 78,
  interrupted: 130,
} as const satisfies Record<Ending, number>;
