import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { MailonceError } from "@mailonce/core";
import { FileSpool } from "../spool/file-spool.ts";
import { AttachmentKeeper } from "./attachment-keeper.ts";
import type { ContentReader } from "./content-reader.ts";
import type { ContentFacts } from "./facts.ts";
import type { ClaimedMessage, ContentStore, NewContent } from "./ports.ts";
import { ReaderError } from "./reader-error.ts";

/** So many messages are claimed at a time: few enough that others who share the work find some, too. */
const AT_A_TIME = 50;
/** What was read is saved when so many characters of text have come together. */
const MOST_TEXT = 4_000_000;
/** For so long others leave a claimed message alone. It is renewed in time, unless this process dies. */
const CLAIM_MS = 30_000;
/** Attachments that wait to be written take so much memory; what is more waits in files. */
const SPOOL_OCTETS = 8 * 1024 * 1024;
/** How often it is looked whether others have done, or left, what they claimed. */
const LOOK_MS = 1000;

/** What {@link indexContents} is told. */
export interface IndexContentsOptions {
  readonly store: ContentStore;
  readonly reader: Pick<ContentReader, "read" | "parts" | "works" | "end">;
  /** The version of what reads messages. */
  readonly parser: number;
  /**
   * True: every message is looked at, whenever it was stored, and what others have claimed is waited for. False: only what
   * was stored of late, which is looked up in a few milliseconds.
   */
  readonly all?: boolean;
  /** True: attachments are kept, too; also those of messages that were read without. Default false. */
  readonly attachments?: boolean;
  /** A message that has more octets is left to others. Default: none is. */
  readonly mostOctets?: number;
  /** An attachment that has more octets is not kept. Default 104,857,600. */
  readonly mostAttachmentOctets?: number;
  /** All that was made before this time is made anew. */
  readonly rebuildBefore?: Date;
  /** Aborted: it stops in the middle of a message, and leaves to others what it has not saved. */
  readonly signal?: AbortSignal;
  /** Aborted, no later than `signal`: it stops after the message that it reads, and saves what it has read. */
  readonly ending?: AbortSignal;
  /** After each message it rests for so many times as long as that took. Default 0. */
  readonly rest?: number;
  /** Called with the number of messages that are saved or given up this time. */
  readonly onProgress?: (done: number) => void;
}

/** A message that could not be read. */
export interface Unreadable {
  readonly id: string;
  /** Why, in words. */
  readonly reason: string;
}

/** What {@link indexContents} came to. */
export interface IndexedContents {
  /** How many messages' rows were made. */
  readonly indexed: number;
  readonly unreadable: readonly Unreadable[];
}

/**
 * Makes the rows of what is in stored messages: text, parts, addresses, words. It reads the stored octets, and writes nothing
 * else. It may run beside fetches, in several processes at once, none of which does what another has done, and may be
 * stopped or killed at any time. A message that its reader cannot read is tried three times in all, and then passed over.
 *
 * @throws ReaderError (`reader`) if no message can be read; StoreUnavailableError. What was saved before stays.
 */
export async function indexContents(options: IndexContentsOptions): Promise<IndexedContents> {
  const indexing = new Indexing(options);
  return indexing.run();
}

class Indexing {
  readonly #options: IndexContentsOptions;
  readonly #token = randomUUID();
  readonly #signal: AbortSignal;
  readonly #ending: AbortSignal;
  readonly #unreadable = new Map<string, string>();
  /** What was read and is not saved yet. */
  #read: NewContent[] = [];
  #text = 0;
  #indexed = 0;
  readonly #spool = new FileSpool(tmpdir(), SPOOL_OCTETS);
  readonly #attachments: AttachmentKeeper | null;

  constructor(options: IndexContentsOptions) {
    this.#options = options;
    const { store, reader, attachments = false, mostAttachmentOctets: mostOctets = 104_857_600 } = options;
    this.#attachments = attachments
      ? new AttachmentKeeper({ store, reader, spool: this.#spool, mostOctets })
      : null;
    this.#signal = options.signal ?? new AbortController().signal;
    this.#ending = options.ending ?? this.#signal;
  }

  async run(): Promise<IndexedContents> {
    const { store, reader } = this.#options;
    const stop = (): void => void reader.end();
    this.#signal.addEventListener("abort", stop);
    const renewal = setInterval(() => void this.#renew(), CLAIM_MS / 3);
    renewal.unref();
    try {
      while (!this.#ending.aborted && (await this.#nextBlock()));
      await this.#save();
    } finally {
      clearInterval(renewal);
      this.#signal.removeEventListener("abort", stop);
      // Without an attempt counted: they are as they were.
      await store.contents.release(this.#token).catch(() => {});
      await this.#spool[Symbol.asyncDispose]();
    }
    const unreadable = [...this.#unreadable].map(([id, reason]) => ({ id, reason }));
    return { indexed: this.#indexed, unreadable };
  }

  /** Reads some messages. @returns false if there are none left */
  async #nextBlock(): Promise<boolean> {
    const {
      store,
      parser,
      all = false,
      mostOctets = Number.POSITIVE_INFINITY,
      rebuildBefore,
    } = this.#options;
    const claimed = await store.contents.claim({
      parser,
      limit: AT_A_TIME,
      token: this.#token,
      ttlMs: CLAIM_MS,
      exact: all,
      attachments: this.#attachments !== null,
      ...(rebuildBefore === undefined ? {} : { rebuildBefore }),
    });
    if (claimed.length === 0) return all && (await this.#waitForOthers());
    for (const message of claimed) {
      // It stays claimed, so that it is not claimed again, until all is released at the end.
      if (message.octets > mostOctets) continue;
      const began = performance.now();
      await this.#index(message);
      if (this.#signal.aborted) return false;
      if (this.#ending.aborted) break;
      if (this.#text > MOST_TEXT) await this.#save();
      await this.#rest(performance.now() - began);
    }
    await this.#save();
    return true;
  }

  async #index(message: ClaimedMessage): Promise<void> {
    const { store, reader, parser } = this.#options;
    const { id } = message;
    try {
      const { files, ...facts } = await reader.read(store.content(id));
      const attachments = await this.#keptOf(message, files);
      this.#read.push({ id, parser, ...facts, ...(attachments === null ? {} : { attachments }) });
      this.#text += facts.text?.length ?? 0;
    } catch (error) {
      if (this.#signal.aborted || isRemoved(error)) return;
      await this.#giveUp(id, await this.#reasonOf(error));
    }
  }

  /** The attachments of a message that are kept; null: they are not to be kept. A message without any has all of them kept. */
  async #keptOf(
    message: ClaimedMessage,
    files: ContentFacts["files"],
  ): Promise<readonly Uint8Array[] | null> {
    if (files.length === 0) return [];
    return this.#attachments === null ? null : this.#attachments.keep(message, files);
  }

  /** Why a message cannot be read. @throws the error if the message is not to blame */
  async #reasonOf(error: unknown): Promise<string> {
    if (error instanceof MailonceError && error.code === "message-damaged")
      return "octets of it are missing in the database";
    if (error instanceof MailonceError && error.code === "content-changed")
      return "an attachment has other octets when it is read again";
    if (!(error instanceof ReaderError) || error.fault === "reader") throw error;
    if (await this.#options.reader.works()) return error.message;
    throw new ReaderError("reader", error.message, error);
  }

  async #giveUp(id: string, reason: string): Promise<void> {
    // Who has lost the claim has nothing to say of the message: somebody else reads it, or it was removed.
    if (!(await this.#options.store.contents.fail(this.#token, id, reason))) return;
    this.#unreadable.set(id, reason);
    this.#tell();
  }

  async #save(): Promise<void> {
    if (this.#read.length === 0) return;
    const read = this.#read;
    this.#read = [];
    this.#text = 0;
    const saved = await this.#options.store.contents.save(this.#token, read);
    this.#indexed += saved.length;
    this.#tell();
  }

  #tell(): void {
    this.#options.onProgress?.(this.#indexed + this.#unreadable.size);
  }

  /** @returns whether there may be something to do after the wait */
  async #waitForOthers(): Promise<boolean> {
    const { store, parser } = this.#options;
    const { claimed } = await store.contents.status(parser);
    if (claimed === 0) return false;
    await this.#pause(LOOK_MS);
    return true;
  }

  async #rest(tookMs: number): Promise<void> {
    const { rest = 0 } = this.#options;
    if (rest > 0) await this.#pause(rest * tookMs);
  }

  async #pause(ms: number): Promise<void> {
    try {
      await pause(ms, undefined, { signal: this.#ending });
    } catch {
      // Aborted.
    }
  }

  async #renew(): Promise<void> {
    try {
      await this.#options.store.contents.renew(this.#token, CLAIM_MS);
    } catch {
      // Then somebody else may do it, and what is read here is not saved.
    }
  }
}

/** Whether somebody has removed the message since it was claimed. */
function isRemoved(error: unknown): boolean {
  return error instanceof MailonceError && error.code === "no-such-message";
}
