import { columnsOf } from "@mailonce/content/columns";
import type { AccountRun } from "@mailonce/runtime";
import { formatDuration, formatOctets } from "./format.ts";
import { cut, fit, safeLine } from "./safe-text.ts";
import type { Terminal } from "./terminal.ts";

/** How far the run of an account is. */
type AccountProgress = AccountRun["progress"];

const EVERY_MS = 100;
const BAR_COLUMNS = 24;
const MAX_NAME_COLUMNS = 24;

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

/** The lines that show how far runs are, one each, for as long as they run; none where standard error is no terminal. */
export class ProgressLines {
  readonly #terminal: Terminal;
  readonly #shown = new Map<object, () => readonly string[]>();
  #expected = 1;
  #ended = 0;
  #nameColumns = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Says which maildrops are to come: where there are several, each line says whose it is. */
  expect(maildrops: readonly string[]): void {
    this.#expected = maildrops.length;
    const widest = Math.max(0, ...maildrops.map((name) => columnsOf(safeLine(name))));
    this.#nameColumns = maildrops.length > 1 ? Math.min(MAX_NAME_COLUMNS, widest) : 0;
  }

  /**
   * Shows a run until the result is disposed of.
   *
   * @param above lines that stand above that of the run, where it is the only one
   */
  show(
    maildrop: string,
    progress: () => AccountProgress,
    above: () => readonly string[] = () => [],
  ): Disposable {
    if (!this.#terminal.statusIsPossible) return { [Symbol.dispose]: () => undefined };
    const rate = new Rate();
    const name = this.#nameColumns === 0 ? "" : `${fit(safeLine(maildrop), this.#nameColumns)}  `;
    const key = {};
    this.#shown.set(key, () => {
      const now = progress();
      const line = `${name}${renderProgress(now, rate.measure(now.octetsDone, performance.now()))}`;
      return this.#expected < 2 ? [...above(), line] : [line];
    });
    this.#timer ??= setInterval(() => this.#draw(), EVERY_MS).unref();
    return {
      [Symbol.dispose]: () => {
        this.#shown.delete(key);
        this.#ended++;
        if (this.#shown.size > 0) return;
        clearInterval(this.#timer);
        this.#timer = undefined;
        this.#terminal.status("");
      },
    };
  }

  #draw(): void {
    const columns = this.#terminal.statusColumns - 1;
    const lines = fitLines(
      [...this.#shown.values()].flatMap((render) => render()),
      { rows: this.#terminal.statusRows, ended: this.#ended, expected: this.#expected },
    );
    this.#terminal.status(lines.map((line) => cut(line, columns)).join("\n"));
  }
}

/** The lines that fit the terminal's height. A further line counts those left out, and the last one the accounts that ended. */
export function fitLines(
  lines: readonly string[],
  { rows, ended, expected }: { readonly rows: number; readonly ended: number; readonly expected: number },
): readonly string[] {
  if (expected < 2) return lines.slice(-Math.max(1, rows - 1));
  const room = Math.max(1, rows - 2);
  const shown = lines.length <= room ? lines : lines.slice(0, room - 1);
  const left = lines.length - shown.length;
  const more = left === 0 ? [] : [`… and ${left} more`];
  return [...shown, ...more, `${ended} of ${expected} accounts done`].slice(-Math.max(1, rows - 1));
}

/**
 * One line: bar, percentage and messages by what is settled, then octets that have arrived, rate, remaining time; the
 * phase's name where nothing is being retrieved.
 */
export function renderProgress(progress: AccountProgress, octetsPerSecond: number | null): string {
  const { phase, octets, octetsDone, octetsSettled, messages, messagesDone } = progress;
  if (phase !== "retrieving" || messages === 0) return `${PHASES[phase]} …`;
  const settled = octets > 0 ? Math.min(octetsSettled / octets, 1) : messagesDone / messages;
  // What LIST says of octets is only a hint: more may arrive than were listed.
  const arrived = octets > 0 ? Math.min(octetsDone / octets, 1) : settled;
  const filled = Math.floor(settled * BAR_COLUMNS);
  // What has arrived but is not committed yet is drawn in another shade: after a crash it would be retrieved again.
  const underWay = Math.max(Math.floor(arrived * BAR_COLUMNS) - filled, 0);
  const bar = "█".repeat(filled) + "▒".repeat(underWay) + "░".repeat(BAR_COLUMNS - filled - underWay);
  const percent = `${String(Math.floor(settled * 100)).padStart(3)} %`;
  const parts = [`${bar} ${percent}`, `${messagesDone}/${messages}`];
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
