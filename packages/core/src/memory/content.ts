import type { Content, Spool, SpoolWriter } from "../ports/spool.ts";

/** Content that is in memory. */
export class MemoryContent implements Content {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get octets(): number {
    return this.bytes.length;
  }

  async *read(): AsyncIterable<Uint8Array> {
    yield this.bytes;
  }

  async discard(): Promise<void> {}
}

/** A spool that keeps everything in memory: for tests, and where messages are known to be small. */
export class InMemorySpool implements Spool {
  async create(): Promise<SpoolWriter> {
    const chunks: Uint8Array[] = [];
    return {
      write(chunk) {
        chunks.push(Uint8Array.from(chunk));
        return undefined;
      },
      async finish() {
        return new MemoryContent(Buffer.concat(chunks));
      },
      async discard() {
        chunks.length = 0;
      },
    };
  }
}
