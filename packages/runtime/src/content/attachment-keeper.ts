import type { Content, Spool, SpoolWriter } from "@mailonce/core";
import type { ContentReader } from "./content-reader.ts";
import type { FileFacts } from "./facts.ts";
import type { ClaimedMessage, ContentStore, NewAttachment } from "./ports.ts";
import { ReaderError } from "./reader-error.ts";

/**
 * Of one message no more octets are kept than so many times its own: messages may be attached to each other, each of which
 * is an attachment with all those in it.
 */
const MOST_TIMES = 2;
/** Attachments are written when so many octets have come together, */
const BATCH_OCTETS = 4 * 1024 * 1024;
/** or so many attachments. */
const BATCH = 20;

interface AttachmentKeeperOptions {
  readonly store: ContentStore;
  readonly reader: Pick<ContentReader, "parts">;
  /** Where attachments wait until all of their octets are there. */
  readonly spool: Spool;
  /** A larger attachment is not kept. */
  readonly mostOctets: number;
}

/**
 * Keeps the decoded attachments of messages in the store. A message is read a second time for them, and only for those that
 * the store does not have yet, so equal ones are decoded and written once.
 */
export class AttachmentKeeper {
  readonly #options: AttachmentKeeperOptions;

  constructor(options: AttachmentKeeperOptions) {
    this.#options = options;
  }

  /**
   * Keeps those of a message's files that are small enough.
   * @returns SHA-256 of all that are kept of it
   * @throws ReaderError; MailonceError (`content-changed`) if a file has other octets than before
   */
  async keep(message: ClaimedMessage, files: readonly FileFacts[]): Promise<readonly Uint8Array[]> {
    const { store } = this.#options;
    const chosen = this.#chosen(message, files);
    const digests = chosen.map(({ sha256 }) => sha256);
    const missing = new Set((await store.contents.missingAttachments(digests)).map(hex));
    const wanted = chosen.filter(({ sha256 }) => missing.has(hex(sha256)));
    if (wanted.length > 0) await this.#handOver(message.id, wanted);
    return digests;
  }

  /** Each content once. */
  #chosen({ octets: messageOctets }: ClaimedMessage, files: readonly FileFacts[]): readonly FileFacts[] {
    const { mostOctets } = this.#options;
    let left = MOST_TIMES * messageOctets;
    const chosen = new Map<string, FileFacts>();
    for (const file of files) {
      const key = hex(file.sha256);
      if (chosen.has(key) || file.octets > Math.min(mostOctets, left)) continue;
      left -= file.octets;
      chosen.set(key, file);
    }
    return [...chosen.values()];
  }

  async #handOver(id: string, wanted: readonly FileFacts[]): Promise<void> {
    const { store, reader, spool } = this.#options;
    await using batch = new Batch(store);
    const arriving = wanted.map((file) => new ArrivingFile(file, spool));
    try {
      for (const file of arriving) if (file.isWhole) await batch.add(await file.finish());
      for await (const { index, octets } of reader.parts(store.content(id), wanted)) {
        const file = arriving[index];
        if (file === undefined) throw new ReaderError("message", "the reader lost its way");
        await file.write(octets);
        if (file.isWhole) await batch.add(await file.finish());
      }
      if (!arriving.every(({ isWhole }) => isWhole)) throw changed();
      await batch.write();
    } finally {
      for (const file of arriving) await file.discard();
    }
  }
}

/** A file whose octets arrive. */
class ArrivingFile {
  readonly #file: FileFacts;
  readonly #spool: Spool;
  #writer: SpoolWriter | null = null;
  #octets = 0;

  constructor(file: FileFacts, spool: Spool) {
    this.#file = file;
    this.#spool = spool;
  }

  get isWhole(): boolean {
    return this.#octets === this.#file.octets;
  }

  async write(octets: Uint8Array): Promise<void> {
    this.#octets += octets.length;
    if (this.#octets > this.#file.octets) throw changed();
    this.#writer ??= await this.#spool.create();
    await this.#writer.write(octets);
  }

  async finish(): Promise<NewAttachment> {
    const writer = this.#writer ?? (await this.#spool.create());
    this.#writer = null;
    return { sha256: this.#file.sha256, content: await writer.finish() };
  }

  /** Removes what has come of it, if it is not finished. */
  async discard(): Promise<void> {
    await this.#writer?.discard();
    this.#writer = null;
  }
}

/** Attachments that are written together. */
class Batch implements AsyncDisposable {
  readonly #store: ContentStore;
  #attachments: NewAttachment[] = [];

  constructor(store: ContentStore) {
    this.#store = store;
  }

  /** Writes it with those before if they are enough. */
  async add(attachment: NewAttachment): Promise<void> {
    this.#attachments.push(attachment);
    const octets = this.#attachments.reduce((sum, { content }) => sum + content.octets, 0);
    if (this.#attachments.length >= BATCH || octets >= BATCH_OCTETS) await this.write();
  }

  async write(): Promise<void> {
    await this.#store.contents.keepAttachments(this.#attachments);
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const contents: readonly Content[] = this.#attachments.map(({ content }) => content);
    this.#attachments = [];
    for (const content of contents) await content.discard();
  }
}

function changed(): ReaderError {
  return new ReaderError("message", "an attachment has another number of octets when it is read again");
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}
