import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Environment } from "../system/environment.ts";
import { noSecret } from "./secret-text.ts";

const DEFAULT_MS = 60_000;
const MAX_OCTETS = 64 * 1024;
/** A line of standard error is cut after so many characters. */
const MAX_LINE = 200;

/** What running a command needs. */
export interface CommandSurroundings {
  readonly env: Environment;
  /** Takes each line that the command writes to standard error. */
  readonly tell?: ((line: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** A command that takes longer is ended. Default 60,000 ms: somebody may have to unlock a keyring. */
  readonly commandMs?: number;
}

/**
 * Runs a command and gives what it writes to standard output. Its standard input is empty; `tell` gets the lines that it
 * writes to standard error.
 * @throws FailureError if it cannot be started, fails, writes too much, or takes too long; the signal's reason
 */
export async function commandOutput(
  command: string | readonly string[],
  what: string,
  { env, tell, signal, commandMs = DEFAULT_MS }: CommandSurroundings,
): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const { child, end } = start(command, env);
  let lastLine = "";
  forEachLine(child, (line) => {
    lastLine = line;
    tell?.(line);
  });
  const said = (): string => (lastLine === "" ? "" : ` (it says: ${lastLine})`);
  return new Promise<Uint8Array>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let octets = 0;
    const settle = (finish: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      finish();
    };
    const giveUp = (reason: unknown): void =>
      settle(() => {
        end();
        // What it has started itself may hold the pipes open.
        child.stdout?.destroy();
        child.stderr?.destroy();
        reject(reason);
      });
    const onAbort = (): void => giveUp(signal?.reason);
    const timer = setTimeout(
      () => giveUp(noSecret(`${what}: its command did not end within ${commandMs / 1000} seconds${said()}`)),
      commandMs,
    );
    signal?.addEventListener("abort", onAbort);
    child.stdout?.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      octets += chunk.length;
      if (octets > MAX_OCTETS) giveUp(noSecret(`${what}: its command writes too much for a secret`));
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "ENOENT" ? "there is no such program" : (error.code ?? "unknown error");
      settle(() => reject(noSecret(`${what}: its command cannot be started: ${why}`)));
    });
    child.on("close", (code, killedBy) => {
      const how = code === null ? `was ended by ${killedBy}` : `ended with exit code ${code}`;
      settle(() => {
        if (code === 0) resolve(Buffer.concat(chunks));
        else reject(noSecret(`${what}: its command ${how}${said()}`));
      });
    });
  });
}

/**
 * Starts the command, and gives how to end it. On a terminal the command may ask for something there, and Ctrl-C reaches
 * all that it has started. Elsewhere it gets a process group of its own, so that what it has started ends with it: a shell
 * passes no signal on.
 */
function start(
  command: string | readonly string[],
  env: Environment,
): { readonly child: ChildProcess; readonly end: () => void } {
  const detached = process.platform !== "win32" && !hasTerminal();
  const isForShell = typeof command === "string";
  const [program = "", ...parameters] = isForShell ? [command] : command;
  const child = spawn(program, parameters, {
    env: { ...env },
    detached,
    shell: isForShell,
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  });
  const end = (): void => {
    try {
      if (detached && child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
      else child.kill("SIGTERM");
    } catch {
      // All of it has ended by itself.
    }
  };
  return { child, end };
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync("/dev/tty", "r"));
    return true;
  } catch {
    return false;
  }
}

/** Calls back with each line of the child's standard error, cut and without control characters. */
function forEachLine(child: ChildProcess, take: (line: string) => void): void {
  let rest = "";
  const tell = (line: string): void => {
    const clean = line
      .replace(/[\p{Cc}\p{Cf}]+/gu, " ")
      .trim()
      .slice(0, MAX_LINE);
    if (clean !== "") take(clean);
  };
  child.stderr?.setEncoding("utf8");
  child.stderr?.on("data", (text: string) => {
    const lines = `${rest}${text}`.split("\n");
    rest = (lines.pop() ?? "").slice(0, MAX_LINE);
    for (const line of lines) tell(line);
  });
  child.stderr?.on("end", () => tell(rest));
}
