import { formatCount } from "./format.ts";
import type { Terminal } from "./terminal.ts";

/** How many lines are written to a terminal as they come. More would only scroll past the person who reads them. */
const WRITTEN_AS_THEY_COME = 20;
/** How many of the later lines are kept for each maildrop: they are shown while the run goes on, and written at its end. */
const KEPT = 3;

interface Held {
  readonly count: number;
  readonly last: readonly string[];
}

/** Writes one line for each message. There may be thousands: files and pipes get them all, a terminal the first and last few. */
export class LongOutput {
  readonly #terminal: Terminal;
  readonly #isWhole: boolean;
  readonly #held = new Map<string, Held>();
  #written = 0;

  /** @param whole true: every line is written, also to a terminal */
  constructor(terminal: Terminal, whole: boolean) {
    this.#terminal = terminal;
    this.#isWhole = whole || !terminal.outputIsTerminal;
  }

  async add(maildrop: string, lines: readonly string[]): Promise<void> {
    const limit = this.#isWhole ? Number.POSITIVE_INFINITY : WRITTEN_AS_THEY_COME;
    const room = Math.min(lines.length, limit - this.#written);
    this.#written += room;
    await this.#terminal.lines(lines.slice(0, room));
    if (room === lines.length) return;
    const { count, last } = this.#held.get(maildrop) ?? { count: 0, last: [] };
    const later = lines.slice(room);
    this.#held.set(maildrop, { count: count + later.length, last: [...last, ...later].slice(-KEPT) });
  }

  /** The last lines of a maildrop that are held back, oldest first. */
  last(maildrop: string): readonly string[] {
    return this.#held.get(maildrop)?.last ?? [];
  }

  /** Writes what is left to say of a maildrop: how many lines were left out, and the last ones. */
  async end(maildrop: string): Promise<void> {
    const held = this.#held.get(maildrop);
    if (held === undefined) return;
    this.#held.delete(maildrop);
    const leftOut = held.count - held.last.length;
    if (leftOut > 0)
      await this.#terminal.line(`… ${formatCount(leftOut, "message")} more (--verbose shows all) …`);
    for (const line of held.last) await this.#terminal.line(line);
  }
}
