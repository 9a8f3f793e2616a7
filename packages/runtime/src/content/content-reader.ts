import { Worker } from "node:worker_threads";
import type { ContentSettings } from "../account/settings.ts";
import type { ContentFacts } from "./facts.ts";
import { ReaderError } from "./reader-error.ts";
import type { Piece, ThreadAnswer } from "./thread-messages.ts";

/** What a {@link ContentReader} may be told. */
export interface ContentReaderOptions {
  readonly settings: ContentSettings;
  /** How long one message may take, in milliseconds. Default 30,000. */
  readonly mostMs?: number;
  /** How much memory the thread's objects may take, in MiB. Default 512. */
  readonly mostMemory?: number;
  /** The module that the thread runs; tests have broken ones. */
  readonly thread?: URL;
}

const THREAD = new URL("./reading-thread.js", import.meta.url);
/** Loading the modules takes a fraction of a second; on a machine that has much to do it takes longer. */
const START_MS = 30_000;

const ENDED = "the reader ended in the middle of it";

type Waiting = (answer: ThreadAnswer | ReaderError) => void;

/**
 * Reads messages on a thread of its own, one at a time, so that a message whose reading throws, hangs, or takes all memory
 * harms nothing else: the thread is ended, and the next message gets a new one. The first message starts the thread.
 */
export class ContentReader implements AsyncDisposable {
  readonly #options: ContentReaderOptions;
  #thread: Worker | null = null;
  #waiting: Waiting | null = null;

  constructor(options: ContentReaderOptions) {
    this.#options = options;
  }

  /**
   * Reads one message. Call it again only when the call before has ended.
   * @param content the message's octets, in order
   * @throws ReaderError; what `content` throws
   */
  async read(content: AsyncIterable<Uint8Array>): Promise<ContentFacts> {
    const thread = this.#thread ?? (await this.#start());
    try {
      return await this.#readOn(thread, content);
    } catch (error) {
      // What it has of the message, or still does with it, ends with it.
      await this.end();
      throw error;
    }
  }

  /** Whether it can read a message that is as simple as can be: if not, it is not a message's fault that it cannot. */
  async works(): Promise<boolean> {
    try {
      await this.read(simplestMessage());
      return true;
    } catch {
      return false;
    }
  }

  /** Ends the thread at once. What it reads at this moment fails with a ReaderError. */
  async end(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    this.#waiting?.(new ReaderError("message", ENDED));
    await thread?.terminate();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  async #readOn(thread: Worker, content: AsyncIterable<Uint8Array>): Promise<ContentFacts> {
    const mostMs = this.#options.mostMs ?? 30_000;
    // The thread is told that a piece is the last one, so one is held back until it is known that another follows.
    let held: Uint8Array | null = null;
    for await (const octets of content) {
      if (held !== null) await this.#ask(thread, { octets: held, isLast: false }, mostMs);
      held = octets;
    }
    const answer = await this.#ask(thread, { octets: held ?? new Uint8Array(0), isLast: true }, mostMs);
    if (answer.kind === "facts") return answer.facts;
    throw new ReaderError("message", answer.kind === "failed" ? answer.reason : "the reader lost its way");
  }

  async #start(): Promise<Worker> {
    const { settings, mostMemory = 512, thread: url = THREAD } = this.#options;
    const thread = new Worker(url, {
      workerData: settings,
      resourceLimits: { maxOldGenerationSizeMb: mostMemory },
      // What a broken reader writes is nobody's output.
      stdout: true,
      stderr: true,
    });
    this.#thread = thread;
    // It keeps no process alive that has nothing else to do.
    thread.unref();
    thread.on("message", (answer: ThreadAnswer) => this.#waiting?.(answer));
    thread.on("error", (error) => this.#gone(thread, reasonOf(error), error));
    thread.on("exit", () => this.#gone(thread, ENDED));
    try {
      await this.#answer(START_MS);
      return thread;
    } catch (error) {
      await this.end();
      throw new ReaderError("reader", error instanceof Error ? error.message : String(error), error);
    }
  }

  #gone(thread: Worker, reason: string, cause?: unknown): void {
    if (this.#thread !== thread) return;
    this.#thread = null;
    this.#waiting?.(new ReaderError("message", reason, cause));
  }

  #ask(thread: Worker, piece: Piece, mostMs: number): Promise<ThreadAnswer> {
    if (this.#thread !== thread) throw new ReaderError("message", ENDED);
    const answer = this.#answer(mostMs);
    thread.postMessage(piece);
    return answer;
  }

  /** The next thing that the thread says. While it is waited for the process stays alive. */
  #answer(mostMs: number): Promise<ThreadAnswer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#waiting?.(new ReaderError("message", `it took longer than ${mostMs / 1000} s`)),
        mostMs,
      );
      this.#waiting = (answer) => {
        this.#waiting = null;
        clearTimeout(timer);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
    });
  }
}

async function* simplestMessage(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("Subject: a\r\n\r\nb\r\n");
}

function reasonOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  if (code === "ERR_WORKER_OUT_OF_MEMORY") return "it took more memory than is allowed";
  return error instanceof Error ? error.message : String(error);
}
