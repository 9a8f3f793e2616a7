import { FailureError } from "@mailonce/runtime";
import { EXIT } from "../output/exit-code.ts";
import type { Terminal } from "../output/terminal.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Listens for the user's wish to end the command, until it is disposed of. */
export interface Interrupt extends Disposable {
  /** Aborted by the first Ctrl-C, and when standard output is closed. */
  readonly signal: AbortSignal;
}

/** The first Ctrl-C (or SIGTERM, SIGHUP) asks for a clean end, the second ends the process at once. */
export function watchInterrupt(terminal: Terminal): Interrupt {
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    if (signal === "SIGINT") terminal.note("Interrupted; Ctrl-C again ends at once.");
    controller.abort(new FailureError("interrupted", "interrupted", "interrupted"));
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    signal: AbortSignal.any([controller.signal, terminal.closed]),
    [Symbol.dispose]: () => {
      for (const signal of SIGNALS) process.removeListener(signal, onSignal);
    },
  };
}
