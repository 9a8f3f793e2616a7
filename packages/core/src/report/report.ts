import type { Counts, Outcome, Reason, RunProgress, RunSummary } from "./outcome.ts";

/** Where a listed message stands in this run: it is counted there and nowhere else. */
export type Standing = keyof Counts | "left" | "retries" | "baselined";

/** The first is where an entry stands of which nothing else is said. */
const STANDINGS = [
  "known",
  "new",
  "stored",
  "skipped",
  "rebound",
  "deferred",
  "failed",
  "left",
  "retries",
  "baselined",
] as const satisfies readonly Standing[];
const PLACES = Object.fromEntries(STANDINGS.map((standing, place) => [standing, place])) as Readonly<
  Record<Standing, number>
>;

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
  /** The places in the standings of each entry of the listing, and how many entries each place has. */
  #entries = new Uint8Array(0);
  readonly #counts = new Float64Array(STANDINGS.length);

  /** So many messages are listed, the last of them as entries; from here on all are known but for what is said. */
  list(listed: number, entries: number): void {
    this.progress.listed = listed;
    this.#entries = new Uint8Array(entries);
    this.#counts.fill(0);
    this.#counts[PLACES.known] = listed;
  }

  /** From now on the entry stands there. */
  put(at: number, standing: Standing): void {
    const before = this.#entries[at] ?? 0;
    const place = PLACES[standing];
    this.#entries[at] = place;
    this.#counts[before] = (this.#counts[before] ?? 0) - 1;
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
  }

  putAll(entries: Iterable<{ readonly at: number }>, standing: Standing): void {
    for (const { at } of entries) this.put(at, standing);
  }

  /** The entry turned out to be known: if this run itself has settled it, it stays what it became. */
  putKnown(at: number): void {
    const standing = this.standing(at);
    if (standing === "new" || standing === "deferred") this.put(at, "known");
  }

  standing(at: number): Standing {
    return STANDINGS[this.#entries[at] ?? 0] ?? "known";
  }

  count(standing: Standing): number {
    return this.#counts[PLACES[standing]] ?? 0;
  }

  /** Puts the entry where the outcome says, and gives it back. */
  tell(at: number, outcome: Outcome): Outcome {
    this.put(at, outcome.kind);
    return outcome;
  }

  /** Says a warning, once per code. */
  warn(code: string, message: string): void {
    if (!this.warnings.some((warning) => warning.code === code)) this.warnings.push({ code, message });
  }

  summary(): RunSummary {
    const counts: Counts = {
      new: this.count("new"),
      stored: this.count("stored"),
      known: this.count("known"),
      skipped: this.count("skipped"),
      rebound: this.count("rebound"),
      deferred: this.count("deferred"),
      failed: this.count("failed"),
    };
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
