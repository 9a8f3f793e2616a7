import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram } from "@mailonce/testkit";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** The built command. */
export const BIN = join(ROOT, "apps/cli/bin/mailonce.js");

/** Builds the command and all that it uses; several test files at once wait for each other. */
export function build(): void {
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  const flock = findProgram("flock");
  const command = [
    ...(flock === undefined ? [] : [flock, join(tmpdir(), "mailonce-test-build.lock")]),
    tsc,
    "-b",
    "apps/cli",
  ];
  try {
    execFileSync(command[0] ?? tsc, command.slice(1), { cwd: ROOT, encoding: "utf8" });
  } catch (error) {
    const { stdout = "", message } = error as { stdout?: string; message: string };
    throw new Error(`The build failed: ${message}\n${stdout}`);
  }
}

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output as it came. */
  readonly octets: Buffer;
  /** Standard output read as JSON Lines. */
  readonly json: readonly Record<string, unknown>[];
}

/** What a command is run with. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Uint8Array;
  /** A file that standard output goes to. */
  readonly stdout?: string;
  /** The Node that runs it; the one that runs the tests if absent. */
  readonly node?: string;
}

/** A command that is running. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard output or standard error holds this text. */
  shown(text: string): Promise<void>;
}

/** A user with a home of their own, who runs the built command. */
export class User implements AsyncDisposable {
  readonly home = mkdtempSync(join(tmpdir(), "mailonce-cli-"));
  readonly database = join(this.home, ".local/share/mailonce/mailonce.sqlite");

  start(
    parameters: readonly string[],
    { env = {}, stdin = "", stdout, node = process.execPath }: RunOptions = {},
  ): Running {
    const file = stdout === undefined ? null : openSync(stdout, "w");
    const child = spawn(node, [BIN, ...parameters], {
      cwd: this.home,
      env: {
        PATH: process.env["PATH"],
        HOME: this.home,
        TZ: "UTC",
        TMPDIR: this.home,
        MAILONCE_PASSWORD: "secret",
        ...env,
      },
      stdio: ["pipe", file ?? "pipe", "pipe"],
    });
    if (file !== null) closeSync(file);
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(stdin);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const watching = new Set<() => void>();
    const take = (chunks: Buffer[]) => (chunk: Buffer) => {
      chunks.push(chunk);
      for (const look of watching) look();
    };
    child.stdout?.on("data", take(out));
    child.stderr?.on("data", take(err));
    const ended = new Promise<Ended>((resolve) => {
      child.on("close", (code, signal) => {
        const octets = Buffer.concat(out);
        const [stdout, stderr] = [octets.toString("utf8"), Buffer.concat(err).toString("utf8")];
        resolve({
          code,
          signal,
          stdout,
          stderr,
          octets,
          get json() {
            return readJson(stdout);
          },
        });
        for (const look of watching) look();
      });
    });
    const shown = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const all = Buffer.concat([...out, ...err]).toString("utf8");
          if (all.includes(text)) resolve();
          else if (child.exitCode !== null) reject(new Error(`It ended without ${text}:\n${all}`));
          else return;
          watching.delete(look);
        };
        watching.add(look);
        look();
      });
    return { child, ended, shown };
  }

  run(parameters: readonly string[], options: RunOptions = {}): Promise<Ended> {
    return this.start(parameters, options).ended;
  }

  /** Writes a file of the user's, for them alone. */
  write(name: string, text: string): void {
    writeFileSync(join(this.home, name), text, { mode: 0o600 });
  }

  file(name: string): Buffer {
    return readFileSync(join(this.home, name));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return rm(this.home, { recursive: true, force: true });
  }
}

function readJson(stdout: string): Record<string, unknown>[] {
  if (!stdout.endsWith("\n")) throw new Error(`No line end at the end of:\n${stdout}`);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
