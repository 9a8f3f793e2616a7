import type { Ending } from "@mailonce/runtime";

/** The exit code of each way in which a command can end. They are a contract, and do not change from version to version. */
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

/** One of {@link EXIT}. */
export type ExitCode = (typeof EXIT)[Ending];
