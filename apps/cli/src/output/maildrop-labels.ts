import { columnsOf } from "@mailonce/content/columns";
import { fit, safeLine } from "./safe-text.ts";
import type { Terminal } from "./terminal.ts";

/** Columns that a maildrop's name may take on a terminal. */
const MOST_COLUMNS = 24;

/** The column that says which maildrop a line is about. Where there is only one maildrop there is no such column. */
export class MaildropLabels {
  readonly #columns: number;

  /** @param maildrops all that lines may be about; in files and pipes the column is as wide as the longest name */
  constructor(terminal: Terminal, maildrops: readonly string[]) {
    const widest = Math.max(0, ...maildrops.map((name) => columnsOf(safeLine(name))));
    this.#columns =
      maildrops.length < 2 ? 0 : terminal.outputIsTerminal ? Math.min(MOST_COLUMNS, widest) : widest;
  }

  of(maildrop: string): readonly string[] {
    return this.#columns === 0 ? [] : [fit(safeLine(maildrop), this.#columns)];
  }
}
