import type { Content } from "./spool.ts";

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
