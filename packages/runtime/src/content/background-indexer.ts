import { setTimeout as pause } from "node:timers/promises";
import { MailonceError } from "@mailonce/core";
import type { ContentReader, ContentReaderOptions } from "./content-reader.ts";
import type { ContentStore } from "./ports.ts";

/** So many rounds in a row fail before it is told: what fails once is told by whoever else uses the database. */
const WORTH_TELLING = 2;

/** What a {@link BackgroundIndexer} is told. */
export interface BackgroundIndexerOptions extends ContentReaderOptions {
  readonly store: ContentStore;
  /** When it looks first, and how often it looks again, in milliseconds. */
  readonly everyMs: number;
  /** After each message it rests for so many times as long as that took, so that it takes little from what goes on. */
  readonly rest: number;
  /** Messages that have more octets are left to others. Default: none is. */
  readonly mostOctets?: number;
  /** Aborted: it ends at once, also where it has been given time to end. */
  readonly signal?: AbortSignal;
  /**
   * Called if no message can be read: it has stopped then; and if the database has failed twice in a row: then it goes on
   * to look, and this is called again only when all was well in between.
   */
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

  /** Ends it: at once, or if it is at work with the message that it reads, after so many milliseconds at most. */
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
    const { signal } = this.#options;
    let reader: ContentReader | null = null;
    let failures = 0;
    const stop = (): void => void this.stop();
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    try {
      while (await this.#isDue()) {
        // Loaded when they are needed: what ends before loads nothing.
        reader ??= new (await import("./content-reader.ts")).ContentReader(this.#options);
        const failure = await this.#round(reader);
        failures = failure === null ? 0 : failures + 1;
        if (failure !== null && failures === WORTH_TELLING) this.#options.onBroken(reasonOf(failure));
      }
    } catch (error) {
      this.#options.onBroken(reasonOf(error));
    } finally {
      signal?.removeEventListener("abort", stop);
      await reader?.end();
    }
  }

  /** @returns why the database has failed; null if it has not. @throws ReaderError (`reader`) */
  async #round(reader: ContentReader): Promise<Error | null> {
    const { store, rest, settings, mostOctets } = this.#options;
    const [{ indexContents }, { FACTS_VERSION }] = await Promise.all([
      import("./index-contents.ts"),
      import("./facts.ts"),
    ]);
    try {
      await indexContents({
        ...{ store, reader, parser: FACTS_VERSION, rest },
        ...{ signal: this.#stopping.signal, ending: this.#ending.signal },
        attachments: settings.attachments === "stored",
        ...(mostOctets === undefined ? {} : { mostOctets }),
      });
      return null;
    } catch (error) {
      if (error instanceof MailonceError) return error;
      throw error;
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

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
