import { readFileSync } from "node:fs";
import { findProgram, type RunningProcess, startProcess } from "../system/child.ts";
import { freePort } from "../system/free-port.ts";
import { type TemporaryFolder, temporaryFolder } from "../system/temporary-folder.ts";

/** A real Redis on a free port of 127.0.0.1, with its data in a temporary folder. */
export interface Redis extends AsyncDisposable {
  readonly port: number;
  /** `redis://127.0.0.1:port` */
  readonly url: string;
  readonly pid: number;
  /** Sends a signal, default SIGKILL, and resolves when the server has ended. */
  kill(signal?: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Starts it again after `kill`, on the same port and with the data that it had written down. */
  start(): Promise<void>;
  /** Halts the process (SIGSTOP): connections stay open, nothing is answered. Resolves when it stands still. */
  pause(): Promise<void>;
  resume(): void;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

/** How Redis is set up. */
export interface RedisOptions {
  /** More parameters of redis-server, such as `--maxmemory 10mb`. */
  readonly parameters?: readonly string[];
}

/**
 * Starts Redis (Debian: redis-server) with an append-only file, so that a restart loses at most a second; resolves when
 * it accepts connections.
 * @throws Error if it is missing or does not come up, with its log
 */
export async function startRedis({ parameters = [] }: RedisOptions = {}): Promise<Redis> {
  const program = findProgram("redis-server");
  if (program === undefined) throw new Error("Redis is missing: apt-get install redis-server");
  const server = new RedisServer(program, temporaryFolder("mailonce-redis-"), await freePort(), parameters);
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

class RedisServer implements Redis {
  readonly port: number;
  readonly #program: string;
  readonly #folder: TemporaryFolder;
  readonly #parameters: readonly string[];
  #process: RunningProcess | undefined;

  constructor(program: string, folder: TemporaryFolder, port: number, parameters: readonly string[]) {
    this.#program = program;
    this.#folder = folder;
    this.port = port;
    this.#parameters = parameters;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  async start(): Promise<void> {
    if (this.#process?.running) return;
    const started = await startProcess(this.#program, [
      ...["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.#folder.path, "--save", ""],
      ...["--appendonly", "yes", "--daemonize", "no", "--logfile", "", ...this.#parameters],
    ]);
    this.#process = started;
    await started.waitForLine(/Ready to accept connections/);
  }

  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    this.#process?.kill(signal);
    await this.#process?.ended;
  }

  async pause(): Promise<void> {
    this.#process?.kill("SIGSTOP");
    const halted = (): boolean => /\) [Tt] /.test(readFileSync(`/proc/${this.pid}/stat`, "utf8"));
    while (this.#process?.running === true && !halted()) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  resume(): void {
    this.#process?.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    // The data goes away, and a paused server would not notice SIGTERM.
    await this.kill("SIGKILL");
    await this.#folder.remove();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
