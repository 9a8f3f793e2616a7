import type { Entries } from "../listing/entries.ts";
import type { CountedAs } from "../listing/entry-state.ts";
import { NO_COUNTS, NO_PROGRESS, type Reason, type RunProgress, type RunSummary } from "./outcome.ts";

const COUNTS = Object.keys(NO_COUNTS) as readonly (keyof typeof NO_COUNTS)[];

/** Collects what a run tells besides its outcomes: warnings, progress and counts. */
export class Report {
  readonly warnings: Reason[] = [];
  readonly progress: { -readonly [Key in keyof RunProgress]: RunProgress[Key] } = { ...NO_PROGRESS };
  complete = false;
  /** The table of the listed entries, null until the maildrop is listed. */
  entries: Entries | null = null;

  /** Number of listed messages that are in this count of the summary now. */
  count(as: CountedAs): number {
    return this.entries?.count(as) ?? 0;
  }

  /** Adds a warning, unless there is one with this code already. */
  warn(code: string, message: string): void {
    if (!this.warnings.some((warning) => warning.code === code)) this.warnings.push({ code, message });
  }

  summary(): RunSummary {
    const counts = { ...NO_COUNTS };
    for (const kind of COUNTS) counts[kind] = this.count(kind);
    return {
      counts,
      warnings: [...this.warnings],
      complete: this.complete,
      left: this.count("left"),
      baselined: this.count("baselined"),
      retries: this.count("retries"),
    };
  }
}
