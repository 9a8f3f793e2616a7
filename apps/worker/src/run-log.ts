import type { AccountSettings, RunEnd, ServiceObserver } from "@mailonce/runtime";
import type { Logger } from "./log.ts";
import { inWords, pauseInWords } from "./words.ts";

/** Writes the end of each run to the log; runs that find nothing at level debug. */
export class RunLog implements ServiceObserver {
  readonly #log: Logger;
  readonly #firstRuns = new Set<string>();
  /** Those that another worker, or a person, was at when they were last looked at. */
  readonly #leased = new Set<string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  ended({ account: { maildrop } }: AccountSettings, { report, result, standing, due, ms, octets }: RunEnd) {
    const { counts, warnings, error } = report;
    const fields = { maildrop, result: result.kind, counts, octets, ms };
    for (const { code, message } of warnings) this.#log.warn({ maildrop, code }, message);
    const next = due === null ? "" : `, again in ${pauseInWords(due - Date.now())}`;
    const wasLeased = this.#leased.delete(maildrop);
    if (error === null) {
      const isNews = !this.#firstRuns.has(maildrop) || counts.stored + counts.rebound + counts.failed > 0;
      this.#firstRuns.add(maildrop);
      this.#log[isNews ? "info" : "debug"](fields, inWords(report));
      return;
    }
    const more = { ...fields, code: error.code };
    if (standing.pause !== null)
      this.#log.error(
        { ...more, paused: standing.pause.code },
        `paused until its settings change, or 'mailonce accounts resume ${maildrop}': ${error.message}`,
      );
    // Nothing is wrong, and nothing was done; said once.
    else if (result.kind === "busy" && result.leased) {
      this.#leased.add(maildrop);
      this.#log[wasLeased ? "debug" : "info"](more, `in use${next}: ${error.message}`);
    } else if (result.kind === "interrupted") this.#log.info(more, "interrupted; what is stored is kept");
    else this.#log.warn(more, `${error.message}${next}`);
  }

  resumed({ account: { maildrop } }: AccountSettings) {
    this.#log.info({ maildrop }, "its settings have changed: no longer paused");
  }
}
