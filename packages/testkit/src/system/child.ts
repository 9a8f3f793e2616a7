import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** How to start a program. */
export interface StartProcessOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The signal that the kernel sends when this process dies without having stopped the program. Default SIGKILL. */
  readonly signalOnParentDeath?: "SIGTERM" | "SIGKILL";
}

/** A program that this process started, and that does not outlive it. */
export interface RunningProcess extends AsyncDisposable {
  readonly pid: number;
  /** Whether it still runs. */
  readonly running: boolean;
  /** All that it wrote to standard output and standard error so far. */
  output(): string;
  /** Resolves with the first line of its output, past or future, that matches. @throws Error if it ends before */
  waitForLine(pattern: RegExp): Promise<string>;
  /** Resolves when it has ended, with its exit code, or null after a signal. */
  readonly ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, after `grace` ms (default 10,000) SIGKILL; resolves when it has ended. */
  stop(grace?: number): Promise<void>;
  /** SIGKILL to the processes that it started itself, then like `stop`. */
  stopAtOnce(): Promise<void>;
}

const running = new Set<ChildProcess>();
let listening = false;

/**
 * Starts a program in the foreground. It is killed when this process exits; where the system has `setpriv`
 * (util-linux), also when this process is killed itself.
 * @throws Error if the program cannot be started
 */
export async function startProcess(
  program: string,
  parameters: readonly string[],
  options: StartProcessOptions = {},
): Promise<RunningProcess> {
  const signal = options.signalOnParentDeath ?? "SIGKILL";
  const setpriv = findProgram("setpriv");
  const command =
    setpriv === undefined
      ? [program, ...parameters]
      : [setpriv, "--pdeathsig", signal.slice(3), "--", program, ...parameters];
  const child = spawn(command[0] ?? program, command.slice(1), {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  killOnExit(child);
  return new Child(child);
}

class Child implements RunningProcess {
  readonly pid: number;
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #changed = new Set<() => void>();
  #output = "";

  constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
        this.#notify();
      });
    }
    this.ended = new Promise((resolve) => {
      child.once("close", (code) => {
        running.delete(child);
        resolve(code);
        this.#notify();
      });
    });
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  output(): string {
    return this.#output;
  }

  waitForLine(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const line = this.#output.split("\n").find((candidate) => pattern.test(candidate));
        if (line === undefined && this.running) return;
        this.#changed.delete(look);
        if (line !== undefined) resolve(line);
        else reject(new Error(`The program ended without a line like ${pattern}:\n${this.#output}`));
      };
      this.#changed.add(look);
      look();
    });
  }

  kill(signal: NodeJS.Signals): void {
    if (this.running) signalProcess(this.pid, signal);
  }

  async stop(grace = 10_000): Promise<void> {
    this.kill("SIGTERM");
    const timer = setTimeout(() => this.kill("SIGKILL"), grace);
    await this.ended;
    clearTimeout(timer);
  }

  async stopAtOnce(): Promise<void> {
    // Halted first, so that it starts no other while its children are counted.
    this.kill("SIGSTOP");
    if (this.running) {
      for (const pid of childrenOf(this.pid)) signalProcess(pid, "SIGKILL");
    }
    // It still reaps them: not every init process does (containers).
    this.kill("SIGTERM");
    this.kill("SIGCONT");
    await this.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #notify(): void {
    for (const look of [...this.#changed]) look();
  }
}

/** The processes that a process started and that live; none where the system does not tell. */
function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It has ended by itself in the meantime.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function killOnExit(child: ChildProcess): void {
  running.add(child);
  if (listening) return;
  listening = true;
  process.on("exit", () => {
    for (const each of running) each.kill("SIGKILL");
  });
}

/** The full path of a program, looked for in PATH and in the system's folders for servers, or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
