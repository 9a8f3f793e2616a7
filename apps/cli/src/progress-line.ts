import type { AccountProgress } from "@mailonce/runtime";
import { formatDuration, formatOctets } from "./format.ts";
import { cut } from "./safe-text.ts";
import type { Terminal } from "./terminal.ts";

const EVERY_MS = 100;
const BAR_COLUMNS = 24;

const PHASES: Readonly<Record<AccountProgress["phase"], string>> = {
  waiting: "waiting for another process",
  connecting: "connecting",
  pausing: "waiting to connect again",
  listing: "listing",
  detecting: "looking for what is new",
  selecting: "reading headers",
  retrieving: "retrieving",
  ended: "finishing",
};

/** Draws how far a run is, until it is disposed of. Draws nothing where standard error is no terminal. */
export function showProgress(terminal: Terminal, progress: () => AccountProgress): Disposable {
  const rate = new Rate();
  const draw = (): void => {
    const now = progress();
    const perSecond = rate.measure(now.octetsDone, performance.now());
    terminal.status(cut(renderProgress(now, perSecond), terminal.statusColumns - 1));
  };
  const timer = terminal.statusIsPossible ? setInterval(draw, EVERY_MS) : undefined;
  timer?.unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      terminal.status("");
    },
  };
}

/** One line: bar, messages, octets, rate, remaining time; the phase's name where nothing is being retrieved. */
export function renderProgress(progress: AccountProgress, octetsPerSecond: number | null): string {
  const { phase, octets, octetsDone, messages, messagesDone } = progress;
  if (phase !== "retrieving" || messages === 0) return `${PHASES[phase]} …`;
  // LIST's octets are a hint: more may arrive than were listed.
  const done = octets > 0 ? Math.min(octetsDone / octets, 1) : messagesDone / messages;
  const filled = Math.floor(done * BAR_COLUMNS);
  const bar = "█".repeat(filled) + "░".repeat(BAR_COLUMNS - filled);
  const parts = [`${bar} ${String(Math.floor(done * 100)).padStart(3)} %`, `${messagesDone}/${messages}`];
  if (octetsDone > 0)
    parts.push(`${formatOctets(octetsDone)} of ${formatOctets(Math.max(octets, octetsDone))}`);
  if (octetsPerSecond !== null && octetsDone > 0) {
    parts.push(`${formatOctets(Math.round(octetsPerSecond))}/s`);
    if (octetsPerSecond > 0)
      parts.push(`${formatDuration(Math.max(octets - octetsDone, 0) / octetsPerSecond)} left`);
  }
  return parts.join("  ");
}

/** Octets per second, smoothed over about five seconds so that the remaining time does not jump. */
export class Rate {
  #octets = 0;
  #at: number | null = null;
  #perSecond: number | null = null;

  /** @param now a monotonic clock in ms. Null until there is something to go by. */
  measure(octets: number, now: number): number | null {
    if (this.#at === null || octets < this.#octets) {
      this.#octets = octets;
      this.#at = now;
      return this.#perSecond;
    }
    const seconds = (now - this.#at) / 1000;
    if (seconds < 0.25) return this.#perSecond;
    const current = (octets - this.#octets) / seconds;
    const weight = 1 - Math.exp(-seconds / 5);
    this.#perSecond =
      this.#perSecond === null ? current : this.#perSecond + weight * (current - this.#perSecond);
    this.#octets = octets;
    this.#at = now;
    return this.#perSecond;
  }
}
