import { FailureError } from "@mailonce/runtime";
import { safeLine } from "../output/safe-text.ts";

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const CTRL_U = "\u0015";

/**
 * Asks on a terminal and reads one line that is not shown. Ctrl-C ends the command: in raw mode the terminal sends it
 * as a character, not as a signal.
 * @throws FailureError (`interrupted`) if it was interrupted
 */
export async function readHidden(
  prompt: string,
  stdin: NodeJS.ReadStream,
  stderr: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<string> {
  const interrupted = new FailureError("interrupted", "interrupted", "interrupted");
  if (signal.aborted) throw interrupted;
  // Before the prompt: whoever types as soon as it appears must not be shown either.
  stdin.setRawMode(true);
  stderr.write(`${safeLine(prompt)} `);
  stdin.setEncoding("utf8");
  try {
    return await new Promise<string>((resolve, reject) => {
      let line = "";
      const onData = (text: string): void => {
        for (const character of text) {
          if (character === "\r" || character === "\n" || character === CTRL_D) {
            finish(() => resolve(line));
            return;
          }
          if (character === CTRL_C) {
            finish(() => reject(interrupted));
            return;
          }
          line = edited(line, character);
        }
      };
      const onEnd = (): void => finish(() => resolve(line));
      const onAbort = (): void => finish(() => reject(interrupted));
      const finish = (settle: () => void): void => {
        stdin.off("data", onData).off("end", onEnd);
        signal.removeEventListener("abort", onAbort);
        settle();
      };
      stdin.on("data", onData).on("end", onEnd);
      signal.addEventListener("abort", onAbort);
      stdin.resume();
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}

function edited(line: string, character: string): string {
  if (character === CTRL_U) return "";
  if (character === "\u007f" || character === "\b") return [...line].slice(0, -1).join("");
  return line + character;
}
