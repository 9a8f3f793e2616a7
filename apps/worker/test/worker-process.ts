import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

const program = join(import.meta.dirname, "../bin/mailonce-worker.js");

/** A worker in a process of its own. */
export interface WorkerProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** What it has told so far, in words, without the time. */
  readonly lines: readonly string[];
  /** Resolves with the first line that matches, past or future. @throws Error if it ends before */
  line(pattern: RegExp): Promise<string>;
  /** Resolves when it has ended, with its exit code, or null after a signal. */
  end(): Promise<number | null>;
}

/** Starts a worker; it is killed when disposed of. `onLine` is called at each line that it tells. */
export function startWorker(
  env: Readonly<Record<string, string>>,
  parameters: readonly string[] = [],
  onLine: () => void = () => {},
): WorkerProcess {
  const child = spawn(process.execPath, [program, ...parameters], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"] ?? "",
      MAILONCE_PASSWORD: "secret",
      MAILONCE_LOG_FORMAT: "text",
      MAILONCE_LOG_LEVEL: "debug",
      ...env,
    },
  });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const changed = (): void => {
    for (const look of [...waiting]) look();
    onLine();
  };
  const output = createInterface({ input: child.stdout });
  output.on("line", (line) => {
    lines.push(line.replace(/^\S+ /, ""));
    changed();
  });
  output.once("close", changed);
  let closed = false;
  child.once("close", () => {
    closed = true;
    changed();
  });
  const end = async (): Promise<number | null> => {
    if (!closed) await once(child, "close");
    return child.exitCode;
  };
  return {
    child,
    lines,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => pattern.test(line));
          if (found === undefined && !closed) return;
          waiting.delete(look);
          if (found !== undefined) resolve(found);
          else reject(new Error(`The worker ended without a line like ${pattern}:\n${lines.join("\n")}`));
        };
        waiting.add(look);
        look();
      }),
    end,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await end();
    },
  };
}
