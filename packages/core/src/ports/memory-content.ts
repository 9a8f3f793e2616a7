import type { Content } from "./spool.ts";

/** A message's octets in memory, as {@link Content}. The array is not copied; `discard` does nothing. */
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

  discard(): undefined {
    return undefined;
  }
}
