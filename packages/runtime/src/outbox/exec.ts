import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Environment } from "../system/environment.ts";
import { type Delivery, DeliveryError, deliveryFacts } from "./delivery.ts";

/** Which program is told, and how. */
export interface ExecTarget {
  /** The program and its arguments; no shell reads them. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/** What a program gets of the environment besides what concerns its message: no password is among it. */
const PASSED_ON = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SystemRoot"];
/** What is remembered of standard error. */
const MAX_ERROR_TEXT = 200;
/** A program that does not end at SIGTERM is killed after that. */
const GRACE_MS = 2000;

/**
 * Tells a program: on standard input the message exactly as it arrived, or in its place, if it is to be told of what is in it,
 * the JSON that a webhook gets, in one line. Its facts are in MAILONCE_MESSAGE_ID,
 * MAILONCE_MAILDROP, MAILONCE_HOOK and MAILONCE_IDEMPOTENCY_KEY. Exit status 0 is delivered. The program need not read
 * all of its input. At the time limit the program and what it started are ended.
 * @throws DeliveryError
 */
export async function deliverToProgram(delivery: Delivery, target: ExecTarget): Promise<void> {
  const { command, timeoutMs, env, signal } = target;
  const [program = "", ...parameters] = command;
  const { entry, message } = delivery;
  const child = spawn(program, parameters, {
    stdio: ["pipe", "ignore", "pipe"],
    shell: false,
    // A group of its own: what it started ends with it.
    detached: process.platform !== "win32",
    env: {
      ...Object.fromEntries(
        PASSED_ON.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
      ),
      MAILONCE_MESSAGE_ID: message.id,
      MAILONCE_MAILDROP: message.maildrop,
      MAILONCE_HOOK: entry.hook,
      MAILONCE_IDEMPOTENCY_KEY: entry.idempotencyKey,
    },
  });
  let why: "timeout" | "interrupted" | null = null;
  const end = (reason: "timeout" | "interrupted"): void => {
    why ??= reason;
    kill(child.pid, "SIGTERM");
    setTimeout(() => kill(child.pid, "SIGKILL"), GRACE_MS).unref();
  };
  const timer = setTimeout(() => end("timeout"), timeoutMs);
  const interrupt = (): void => end("interrupted");
  signal.addEventListener("abort", interrupt);
  if (signal.aborted) interrupt();
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(0, MAX_ERROR_TEXT);
  });
  const exit = new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, killedBy) => resolve(code ?? killedBy ?? "a signal"));
  });
  // Whoever ends without reading everything has had what it wanted.
  const input =
    delivery.included === null ? delivery.content() : [`${JSON.stringify(deliveryFacts(delivery))}\n`];
  const written = pipeline(Readable.from(input, { objectMode: false }), child.stdin).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
    },
  );
  try {
    const [status] = await Promise.all([exit, written]);
    if (why === "interrupted") signal.throwIfAborted();
    if (why === "timeout")
      throw new DeliveryError(
        "timeout",
        `${program} did not end within ${Math.round(timeoutMs / 1000)} seconds`,
      );
    if (status !== 0) throw new DeliveryError("exit-status", failed(program, status, complaint));
  } catch (error) {
    if (error instanceof DeliveryError || signal.aborted) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EACCES")
      throw new DeliveryError("no-program", `${program} cannot be started (${code})`);
    kill(child.pid, "SIGKILL");
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", interrupt);
  }
}

function failed(program: string, status: number | string, complaint: string): string {
  const how = typeof status === "number" ? `ended with status ${status}` : `was ended by ${status}`;
  const said = complaint.replace(/[\p{Cc}\p{Cf}]+/gu, " ").trim();
  return `${program} ${how}${said === "" ? "" : `: ${said}`}`;
}

function kill(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, signal);
  } catch {
    // It has ended by itself in the meantime.
  }
}
