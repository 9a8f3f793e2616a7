import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunningProcess } from "./child.ts";
import type { TemporaryFolder } from "./temporary-folder.ts";

/** A server with its data in a temporary folder, that can be killed, halted and started again on them. */
export interface RestartableServer extends AsyncDisposable {
  readonly port: number;
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

/** What such servers have in common. */
export abstract class DataServer implements RestartableServer {
  readonly #program: string;
  protected readonly parameters: readonly string[];
  readonly port: number;
  protected readonly folder: TemporaryFolder;
  #process: RunningProcess | undefined;

  /** @param parameters more parameters of the program */
  constructor(program: string, folder: TemporaryFolder, port: number, parameters: readonly string[]) {
    this.#program = program;
    this.folder = folder;
    this.port = port;
    this.parameters = parameters;
  }

  /** What the program is started with. */
  protected abstract launch(program: string): Promise<RunningProcess>;

  /** What the program says when it accepts connections. */
  protected abstract readonly ready: RegExp;

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  async start(): Promise<void> {
    if (this.#process?.running) return;
    this.#process = await this.launch(this.#program);
    await this.#process.waitForLine(this.ready);
  }

  async kill(signal: "SIGKILL" | "SIGTERM" = "SIGKILL"): Promise<void> {
    this.#process?.kill(signal);
    await this.#process?.ended;
  }

  async pause(): Promise<void> {
    this.#process?.kill("SIGSTOP");
    const threads = `/proc/${this.pid}/task`;
    const halted = (): boolean =>
      readdirSync(threads).every((thread) =>
        /\) [Tt] /.test(readFileSync(join(threads, thread, "stat"), "utf8")),
      );
    while (this.#process?.running === true && existsSync(threads) && !halted()) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  resume(): void {
    this.#process?.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    // The data goes away: no need for an orderly end, and a halted server would not notice SIGTERM.
    await this.kill("SIGKILL");
    await this.folder.remove();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
