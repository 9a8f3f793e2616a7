import { MemoryContent } from "../ports/memory-content.ts";
import type { Spool, SpoolWriter } from "../ports/spool.ts";

/** A spool that keeps everything in memory: for tests, and for programs whose messages are known to be small. */
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
