import type { Entries } from "../listing/entries.ts";
import type { CountedAs } from "../listing/entry-state.ts";
import { NO_COUNTS, type Reason, type RunProgress, type RunSummary } from "./outcome.ts";

const COUNTS = Object.keys(NO_COUNTS) as readonly (keyof typeof NO_COUNTS)[];

/** What a run has to tell, gathered as it goes. */
export class Report {
  readonly warnings: Reason[] = [];
  readonly progress: { -readonly [Key in keyof RunProgress]: RunProgress[Key] } = {
    phase: "listing",
    listed: 0,
    messages: 0,
    messagesDone: 0,
    octets: 0,
    octetsDone: 0,
    octetsSettled: 0,
  };
  complete = false;
  /** What is listed, null before it is. */
  entries: Entries | null = null;

  /** How many listed messages count as this so far. */
  count(as: CountedAs): number {
    return this.entries?.count(as) ?? 0;
  }

  /** Says a warning, once per code. */
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
