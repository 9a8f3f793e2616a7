/** The exit codes of the command line's contract. */
export const EXIT = {
  done: 0,
  internal: 1,
  usage: 2,
  partial: 65,
  unavailable: 69,
  cannotCreate: 73,
  busy: 75,
  noPermission: 77,
  config: 78,
  interrupted: 130,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const WORST_FIRST: readonly ExitCode[] = [1, 130, 78, 2, 77, 73, 69, 75, 65, 0];

/** The one exit code of several accounts: the worst counts, 0 if there are none. */
export function worstExitCode(codes: Iterable<ExitCode>): ExitCode {
  const all = new Set(codes);
  return WORST_FIRST.find((code) => all.has(code)) ?? EXIT.done;
}
