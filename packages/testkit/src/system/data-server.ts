import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunningProcess } from "./child.ts";
import type { TemporaryFolder } from "./temporary-folder.ts";

/** A server with its data in a temporary folder, that can be killed, halted and started again on them. */
export abstract class DataServer implements AsyncDisposable {
  readonly port: number;
  protected readonly folder: TemporaryFolder;
  #process: RunningProcess | undefined;

  constructor(port: number, folder: TemporaryFolder) {
    this.port = port;
    this.folder = folder;
  }

  /** Starts the program. */
  protected abstract launch(): Promise<RunningProcess>;

  /** What the program says when it accepts connections. */
  protected abstract readonly ready: RegExp;

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  async start(): Promise<void> {
    if (this.#process?.running) return;
    this.#process = await this.launch();
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
