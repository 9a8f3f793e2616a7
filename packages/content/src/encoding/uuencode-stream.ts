import type { Faults } from "../faults.ts";
import { latin1 } from "../octets/octets.ts";
import { LineBlocks } from "./line-blocks.ts";
import { decodeUuencodedLines, UUENCODE_BEGIN, UUENCODE_END } from "./uuencode.ts";

/** Decodes a part that is uuencoded as it arrives, between its lines `begin` and `end`. */
export class UuencodeStream {
  readonly #lines = new LineBlocks();
  #place: "before" | "within" | "after" = "before";
  readonly #faults: Faults;
  #isBase64 = false;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  add(octets: Buffer): Buffer {
    return this.#decode(this.#lines.add(octets));
  }

  end(): Buffer {
    const last = this.#decode(this.#lines.end());
    if (this.#place === "within") this.#faults.note("a uuencoded part has no end; it may be cut off");
    return last;
  }

  #decode(blocks: readonly Buffer[]): Buffer {
    if (this.#place === "after") return Buffer.alloc(0);
    const encoded: string[] = [];
    for (const line of blocks.flatMap((block) => latin1(block).replace(/\n$/, "").split("\n"))) {
      if (this.#place === "before") {
        if (!UUENCODE_BEGIN.test(line)) continue;
        this.#place = "within";
        this.#isBase64 = line.startsWith("begin-base64");
      } else if (this.#place === "within") {
        if (UUENCODE_END.test(line)) this.#place = "after";
        else encoded.push(line);
      }
    }
    return decodeUuencodedLines(encoded, this.#isBase64);
  }
}
