import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { ReaderAnswer, ReaderRequest } from "./reader-messages.ts";

/** How a {@link ReaderProcess} is started, and who is told what it does. */
export interface ReaderProcessOptions {
  /** The module that it runs. */
  readonly program: URL;
  /** What the module finds as its first argument, in JSON. */
  readonly argument: unknown;
  /** How many MiB its objects may take. */
  readonly mostMemory: number;
  readonly onAnswer: (answer: ReaderAnswer) => void;
  /** Called once, when it has ended by itself. */
  readonly onGone: (reason: string) => void;
}

/**
 * The process that reads messages. A thread would not do: where it takes much memory at once V8 ends the whole process, and
 * what it takes outside of V8's heap has no bound. It keeps no process alive that has nothing else to do, and ends with it.
 */
export class ReaderProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  #isEnded = false;

  constructor({ program, argument, mostMemory, onAnswer, onGone }: ReaderProcessOptions) {
    const memory = `--max-old-space-size=${mostMemory}`;
    const child = spawn(process.execPath, [memory, fileURLToPath(program), JSON.stringify(argument)], {
      // Its input ends when this process does, however that comes. What a broken reader writes is nobody's output.
      stdio: ["pipe", "ignore", "pipe", "ipc"],
      serialization: "advanced",
      // Ctrl-C is not for it: whoever started it ends it when it is no longer needed.
      detached: true,
      windowsHide: true,
    });
    this.#child = child;
    child.unref();
    child.channel?.unref();
    (child.stdin as Socket | null)?.unref();
    (child.stderr as Socket | null)?.unref();
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(0, MOST_SAID);
    });
    child.stdin?.on("error", () => {});
    child.on("message", (answer: ReaderAnswer) => onAnswer(answer));
    this.#gone = new Promise((resolve) => {
      const gone = (reason: string): void => {
        resolve();
        if (this.#isEnded) return;
        this.#isEnded = true;
        onGone(reason);
      };
      child.on("error", (error) => gone(error.message));
      child.on("close", (_code, signal) => gone(reasonOf(signal, said)));
    });
  }

  send(request: ReaderRequest): void {
    // Where it cannot be sent the process is gone, which is told then.
    if (!this.#isEnded) this.#child.send(request, () => {});
  }

  /** Ends it at once. Nobody is told. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.#child.kill("SIGKILL");
    this.#child.ref();
    await this.#gone;
  }
}

/** So much of what it writes on its standard error is kept, in UTF-16 code units. */
const MOST_SAID = 10_000;

/** Why it has ended. V8 ends a process with SIGABRT where memory runs out. */
function reasonOf(signal: NodeJS.Signals | null, said: string): string {
  if (signal === "SIGABRT") return "it took more memory than is allowed";
  const thrown = /^(?:\w*Error)[^\n]*/m.exec(said);
  return thrown === null ? ENDED : thrown[0];
}

export const ENDED = "the reader ended in the middle of it";
