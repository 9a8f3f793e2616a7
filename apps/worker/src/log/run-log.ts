import type { Outcome, Reason } from "@mailonce/core";
import type { AccountSettings } from "@mailonce/runtime/config";
import type { RunEnd, ServiceObserver } from "@mailonce/runtime/service";
import { inWords, pausedInWords, pauseInWords } from "../text/words.ts";
import type { Logger } from "./log.ts";

/** A fault that lasts is said again after so long. */
const SAY_AGAIN_MS = 10 * 60_000;

/** Writes the end of each run to the log. Runs that find nothing new are written at level debug. */
export class RunLog implements ServiceObserver {
  readonly #log: Logger;
  readonly #firstRuns = new Set<string>();
  /** Accounts whose maildrop another worker or a person held at the last run. */
  readonly #leased = new Set<string>();
  readonly #warnings = new Map<string, ReadonlySet<string>>();
  /** The local fault that was said of an account last, and when: such runs are tried again every few seconds. */
  readonly #faults = new Map<string, { readonly message: string; readonly at: number }>();

  constructor(log: Logger) {
    this.#log = log;
  }

  ended({ account: { maildrop } }: AccountSettings, { report, result, health, due, ms, octets }: RunEnd) {
    const { counts, warnings, error } = report;
    const fields = { maildrop, result: result.kind, counts, octets, ms };
    this.#warn(maildrop, warnings);
    const next = due === null ? "" : `, again in ${pauseInWords(due - Date.now())}`;
    const wasLeased = this.#leased.delete(maildrop);
    if (error === null) {
      this.#faults.delete(maildrop);
      const isNews = !this.#firstRuns.has(maildrop) || counts.stored + counts.rebound + counts.failed > 0;
      this.#firstRuns.add(maildrop);
      this.#log[isNews ? "info" : "debug"](fields, inWords(report));
      return;
    }
    const more = { ...fields, code: error.code };
    if (health.pause !== null)
      this.#log.error(
        { ...more, paused: health.pause.code },
        pausedInWords(maildrop, health.pause.code, error.message),
      );
    // Nothing is wrong, and nothing was done. It is said once.
    else if (result.kind === "busy" && result.leased) {
      this.#leased.add(maildrop);
      this.#log[wasLeased ? "debug" : "info"](more, `in use${next}: ${error.message}`);
    } else if (result.kind === "local" && this.#isSaid(maildrop, error.message))
      this.#log.debug(more, `${error.message}${next}`);
    else if (result.kind === "interrupted") this.#log.info(more, "interrupted; what is stored is kept");
    else this.#log.warn(more, `${error.message}${next}`);
  }

  outcomes({ account: { maildrop } }: AccountSettings, outcomes: readonly Outcome[]) {
    for (const outcome of outcomes) {
      if (outcome.kind !== "deferred" && outcome.kind !== "failed") continue;
      const { code, message } = outcome.reason;
      this.#log.warn({ maildrop, code }, `message ${outcome.messageNumber} ${outcome.kind}: ${message}`);
    }
  }

  /** Writes warnings. One that the run before had as well is no news. */
  #warn(maildrop: string, warnings: readonly Reason[]): void {
    const before = this.#warnings.get(maildrop);
    this.#warnings.set(maildrop, new Set(warnings.map(({ message }) => message)));
    for (const { code, message } of warnings)
      this.#log[before?.has(message) === true ? "debug" : "warn"]({ maildrop, code }, message);
  }

  /** Whether this fault was said of the account a short while ago. If not, it is noted as said now. */
  #isSaid(maildrop: string, message: string): boolean {
    const before = this.#faults.get(maildrop);
    const now = performance.now();
    if (before?.message === message && now - before.at < SAY_AGAIN_MS) return true;
    this.#faults.set(maildrop, { message, at: now });
    return false;
  }

  resumed({ account: { maildrop } }: AccountSettings) {
    this.#log.info({ maildrop }, "its settings have changed: no longer paused");
  }
}
