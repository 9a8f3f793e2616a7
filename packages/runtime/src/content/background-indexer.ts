import { setTimeout as pause } from "node:timers/promises";
import type { ContentReader, ContentReaderOptions } from "./content-reader.ts";
import type { ContentStore } from "./ports.ts";
import { ReaderError } from "./reader-error.ts";

/** What a {@link BackgroundIndexer} is told. */
export interface BackgroundIndexerOptions extends ContentReaderOptions {
  readonly store: ContentStore;
  /** When it looks first, and how often it looks again, in milliseconds. */
  readonly everyMs: number;
  /** After each message it rests for so many times as long as that took, so that it takes little from what goes on. */
  readonly rest: number;
  /** Called once if no message can be read: it has stopped then. */
  readonly onBroken: (reason: string) => void;
}

/**
 * Indexes stored messages while the program does something else. Nothing that happens to it harms that: it throws nothing,
 * and what it has not done is done the next time.
 */
export class BackgroundIndexer implements AsyncDisposable {
  readonly #options: BackgroundIndexerOptions;
  /** Aborted: no more rounds. */
  readonly #ending = new AbortController();
  /** Aborted: the round that is under way stops. */
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;

  /** It begins by itself. */
  constructor(options: BackgroundIndexerOptions) {
    this.#options = options;
    this.#ended = this.#run();
  }

  /** Ends it: at once, or if it is at work after so many milliseconds at most. */
  async stop(graceMs = 0): Promise<void> {
    this.#ending.abort();
    const timer = setTimeout(() => this.#stopping.abort(), graceMs);
    await this.#ended;
    clearTimeout(timer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #run(): Promise<void> {
    let reader: ContentReader | null = null;
    try {
      while (await this.#isDue()) {
        // Loaded when they are needed: what ends before loads nothing.
        reader ??= new (await import("./content-reader.ts")).ContentReader(this.#options);
        await this.#round(reader);
      }
    } catch (error) {
      this.#options.onBroken(error instanceof Error ? error.message : String(error));
    } finally {
      await reader?.end();
    }
  }

  /** @throws ReaderError (`reader`) */
  async #round(reader: ContentReader): Promise<void> {
    const { store, rest } = this.#options;
    const [{ indexContents }, { FACTS_VERSION }] = await Promise.all([
      import("./index-contents.ts"),
      import("./facts.ts"),
    ]);
    try {
      await indexContents({ store, reader, parser: FACTS_VERSION, rest, signal: this.#stopping.signal });
    } catch (error) {
      // What is wrong with the database is told by whoever else uses it.
      if (error instanceof ReaderError) throw error;
    }
  }

  /** Resolves when it is time for the next round; false if there is to be none. */
  async #isDue(): Promise<boolean> {
    try {
      await pause(this.#options.everyMs, true, { signal: this.#ending.signal, ref: false });
      return true;
    } catch {
      return false;
    }
  }
}
