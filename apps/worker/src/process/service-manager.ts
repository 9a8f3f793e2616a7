import { spawn } from "node:child_process";
import type { Environment } from "@mailonce/runtime/config";
import type { Logger } from "../log/log.ts";

/**
 * Tells systemd in units of `Type=notify` that the worker is ready, that it lives, and that it ends (sd_notify(3)). The
 * program systemd-notify does it, because Node has no datagram sockets of AF_UNIX; so the unit needs `NotifyAccess=all`.
 */
export class ServiceManager implements Disposable {
  readonly #env: Environment;
  readonly #log: Logger;
  readonly #pingMs: number | null;
  #timer: NodeJS.Timeout | undefined;

  private constructor(env: Environment, log: Logger) {
    this.#env = env;
    this.#log = log;
    const { WATCHDOG_USEC: time = "", WATCHDOG_PID: pid = String(process.pid) } = env;
    // sd_watchdog_enabled(3): half of the time is recommended.
    this.#pingMs = /^[1-9]\d{0,14}$/.test(time) && pid === String(process.pid) ? Number(time) / 2000 : null;
  }

  /** Null if no service manager wants to be told. */
  static of(env: Environment, log: Logger): ServiceManager | null {
    return env["NOTIFY_SOCKET"] ? new ServiceManager(env, log) : null;
  }

  /** Tells that the worker has started. From now on `isAlive` is asked before each sign of life; if false, none is given. */
  ready(isAlive: () => boolean): void {
    this.#notify("READY=1");
    if (this.#pingMs === null) return;
    const ping = (): void => {
      if (isAlive()) this.#notify("WATCHDOG=1");
    };
    ping();
    this.#timer = setInterval(ping, this.#pingMs);
    this.#timer.unref();
  }

  /** Tells that the worker ends, and may take so many ms for it. */
  stopping(ms: number): void {
    this.#notify("STOPPING=1", `EXTEND_TIMEOUT_USEC=${Math.ceil(ms) * 1000}`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #notify(...lines: readonly string[]): void {
    const { NOTIFY_SOCKET, PATH } = this.#env;
    const child = spawn("systemd-notify", lines, { stdio: "ignore", env: { NOTIFY_SOCKET, PATH } });
    child.unref();
    child.once("error", ({ code }: NodeJS.ErrnoException) =>
      this.#log.error(
        { code },
        "systemd cannot be told how the worker is doing: systemd-notify cannot be started",
      ),
    );
  }
}
