import { type ChildProcess, spawn } from "node:child_process";
import { BIN, type User } from "./mailonce.ts";

/** How large the terminal is. */
export interface TerminalSize {
  readonly columns?: number;
  readonly rows?: number;
}

/** The command on a pseudo-terminal (100 columns, 24 rows unless told), with the help of util-linux's `script`. */
export class TerminalSession {
  readonly ended: Promise<number | null>;
  /** All that the terminal was sent. */
  output = "";
  readonly #child: ChildProcess;
  readonly #watching = new Set<() => void>();

  constructor(
    user: User,
    parameters: readonly string[],
    env: Readonly<Record<string, string>> = {},
    { columns = 100, rows = 24 }: TerminalSize = {},
  ) {
    const words = [process.execPath, BIN, ...parameters].map((word) => `'${word}'`).join(" ");
    this.#child = spawn(
      "script",
      ["-qefc", `stty cols ${columns} rows ${rows}; exec ${words}`, "/dev/null"],
      {
        cwd: user.home,
        env: {
          PATH: process.env["PATH"],
          HOME: user.home,
          TMPDIR: user.home,
          TZ: "UTC",
          TERM: "xterm",
          ...env,
        },
        stdio: ["pipe", "pipe", "inherit"],
      },
    );
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
      for (const look of this.#watching) look();
    });
    this.ended = new Promise((resolve) => {
      this.#child.on("close", resolve);
    });
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Resolves when the terminal was sent this, counted from `from`; rejects if the command ends without. */
  shown(text: string | RegExp, from = 0): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const sent = this.output.slice(from);
        if (typeof text === "string" ? !sent.includes(text) : !text.test(sent)) return;
        this.#watching.delete(look);
        resolve();
      };
      this.#watching.add(look);
      look();
      void this.ended.then(() => reject(new Error(`It ended without ${text}:\n${this.output}`)));
    });
  }

  /** Answers a question when it is there. */
  async answer(question: string, typed: string): Promise<void> {
    await this.shown(question);
    this.type(typed);
  }
}

const ESCAPE = String.fromCharCode(0x1b);
/** A control sequence, or one character. */
const TOKEN = new RegExp(`${ESCAPE}\\[[?\\d;]*[A-Za-z]|[\\s\\S]`, "gu");

/** What a terminal shows after it was sent this: enough of ECMA-48 for lines that are drawn again and again. */
export function screenOf(sent: string, { columns = 100, rows = 24 }: TerminalSize = {}): readonly string[] {
  const lines: string[][] = [[]];
  let row = 0;
  let column = 0;
  const line = (): string[] => {
    while (lines.length <= row) lines.push([]);
    return lines[row] ?? [];
  };
  for (const [token] of sent.matchAll(TOKEN)) {
    if (token === "\r") column = 0;
    else if (token === "\n") row++;
    else if (token.startsWith(`${ESCAPE}[`)) {
      const count = Number(/\d+/.exec(token)?.[0] ?? 1);
      if (token.endsWith("A")) row = Math.max(0, row - count, lines.length - rows);
      else if (token.endsWith("B")) row += count;
      else if (token.endsWith("K")) line().length = Math.min(line().length, column);
      else if (token.endsWith("J")) {
        line().length = Math.min(line().length, column);
        lines.length = row + 1;
      }
    } else {
      if (column >= columns) {
        row++;
        column = 0;
      }
      const current = line();
      while (current.length < column) current.push(" ");
      current[column++] = token;
    }
    line();
  }
  return lines.map((characters) => characters.join("").trimEnd());
}
