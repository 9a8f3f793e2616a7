import type { PartName, PartPiece } from "@mailonce/content";
import type { ContentSettings } from "../account/settings.ts";
import type { ContentFacts } from "./facts.ts";
import { ReaderError } from "./reader-error.ts";
import type { Piece, ReaderAnswer, ReaderRequest } from "./reader-messages.ts";
import { ENDED, ReaderProcess } from "./reader-process.ts";

/** What a {@link ContentReader} may be told. */
export interface ContentReaderOptions {
  readonly settings: ContentSettings;
  /** How long each piece of a message may take, in milliseconds. Default 30,000. */
  readonly mostMs?: number;
  /** How much memory the reader's objects may take, in MiB. Default 512. */
  readonly mostMemory?: number;
  /** The module that reads; tests have broken ones. */
  readonly program?: URL;
}

const PROGRAM = new URL("./reading-process.js", import.meta.url);
/** Loading the modules takes a fraction of a second; on a machine that has much to do it takes longer. */
const START_MS = 60_000;

type Waiting = (answer: ReaderAnswer | ReaderError) => void;

/**
 * Reads messages in a process of its own, one at a time, so that a message whose reading throws, hangs, or takes all memory
 * harms nothing else: the process is ended, and the next message gets a new one. The first message starts it.
 */
export class ContentReader implements AsyncDisposable {
  readonly #options: ContentReaderOptions;
  #process: ReaderProcess | null = null;
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
    const process = this.#process ?? (await this.#start());
    try {
      return await this.#readIn(process, content);
    } catch (error) {
      // What it has of the message, or still does with it, ends with it.
      await this.end();
      throw error;
    }
  }

  /**
   * The decoded octets of some parts of a message, as `partContents` of `@mailonce/content` gives them. They are decoded in the
   * process, and no faster than they are taken. Like `read` one at a time: end it before the next call.
   * @throws ReaderError; what `content` throws
   */
  async *parts(
    content: AsyncIterable<Uint8Array>,
    wanted: readonly PartName[],
  ): AsyncGenerator<PartPiece, void> {
    const process = this.#process ?? (await this.#start());
    let isOver = false;
    try {
      await this.#ask(process, { kind: "parts", wanted });
      for await (const piece of piecesOf(content)) {
        const answer = await this.#ask(process, piece);
        if (answer.kind !== "octets") throw failure(answer);
        isOver = answer.isLast;
        yield* answer.pieces;
        if (isOver) return;
      }
    } finally {
      if (!isOver) await this.end();
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

  /** Ends the process at once. What it reads at this moment fails with a ReaderError. */
  async end(): Promise<void> {
    const process = this.#process;
    this.#process = null;
    this.#waiting?.(new ReaderError("message", ENDED));
    await process?.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  async #readIn(process: ReaderProcess, content: AsyncIterable<Uint8Array>): Promise<ContentFacts> {
    let answer: ReaderAnswer = { kind: "more" };
    for await (const piece of piecesOf(content)) {
      if (answer.kind !== "more") break;
      answer = await this.#ask(process, piece);
    }
    if (answer.kind === "facts") return answer.facts;
    throw failure(answer);
  }

  async #start(): Promise<ReaderProcess> {
    const { settings, mostMemory = 512, program = PROGRAM } = this.#options;
    const process: ReaderProcess = new ReaderProcess({
      ...{ program, argument: settings, mostMemory },
      onAnswer: (answer) => this.#waiting?.(answer),
      onGone: (reason) => this.#gone(process, reason),
    });
    this.#process = process;
    try {
      await this.#answer(START_MS);
      return process;
    } catch (error) {
      await this.end();
      throw new ReaderError("reader", error instanceof Error ? error.message : String(error), error);
    }
  }

  #gone(process: ReaderProcess, reason: string): void {
    if (this.#process !== process) return;
    this.#process = null;
    this.#waiting?.(new ReaderError("message", reason));
  }

  async #ask(process: ReaderProcess, request: ReaderRequest): Promise<ReaderAnswer> {
    if (this.#process !== process) throw new ReaderError("message", ENDED);
    const answer = this.#answer(this.#options.mostMs ?? 30_000);
    process.send(request);
    return answer;
  }

  /** The next thing that the process says. While it is waited for the process stays alive. */
  #answer(mostMs: number): Promise<ReaderAnswer> {
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

/** The pieces of a message. The process is told which is the last one, so each is held back until it is known that another follows. */
async function* piecesOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<Piece> {
  let held: Uint8Array | null = null;
  for await (const octets of content) {
    if (held !== null) yield { kind: "piece", octets: held, isLast: false };
    held = octets;
  }
  yield { kind: "piece", octets: held ?? new Uint8Array(0), isLast: true };
}

/** Why an answer is not the one that was waited for. */
function failure(answer: ReaderAnswer): ReaderError {
  return new ReaderError("message", answer.kind === "failed" ? answer.reason : "the reader lost its way");
}

async function* simplestMessage(): AsyncGenerator<Uint8Array> {
  yield Buffer.from("Subject: a\r\n\r\nb\r\n");
}
