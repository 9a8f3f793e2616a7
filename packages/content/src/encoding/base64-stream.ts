import type { Faults } from "../faults.ts";
import { latin1 } from "../octets/octets.ts";
import { isEncodedLine, STRANGE } from "./base64.ts";
import { LineBlocks } from "./line-blocks.ts";

const CLEAN = /^[A-Za-z0-9+/=\r\n]*$/;

/** Decodes base64 as it arrives. As in what is decoded as a whole, lines that are none are left out. */
export class Base64Stream {
  readonly #lines = new LineBlocks();
  readonly #faults: Faults;
  /** Characters that make no three octets yet. */
  #rest = "";

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  add(octets: Buffer): Buffer {
    return Buffer.concat(
      this.#lines.add(octets).map((block) => this.#decode(encodedOf(block, this.#faults))),
    );
  }

  end(): Buffer {
    const last = this.#lines.end().map((block) => this.#decode(encodedOf(block, this.#faults)));
    return Buffer.concat([...last, Buffer.from(this.#rest, "base64")]);
  }

  #decode(encoded: string): Buffer {
    const pieces = `${this.#rest}${encoded}`.split(/=+/);
    const last = pieces.pop() ?? "";
    const whole = last.length - (last.length % 4);
    this.#rest = last.slice(whole);
    const decoded = Buffer.from(last.slice(0, whole), "base64");
    return pieces.length === 0
      ? decoded
      : Buffer.concat([...pieces.map((piece) => Buffer.from(piece, "base64")), decoded]);
  }
}

/** The characters of base64 in lines. */
function encodedOf(lines: Buffer, faults: Faults): string {
  const text = latin1(lines);
  if (CLEAN.test(text)) return text.replace(/[\r\n]+/g, "");
  const kept: string[] = [];
  for (const line of text.split("\n")) {
    const bare = line.trim();
    if (CLEAN.test(bare)) kept.push(bare.replaceAll("\r", ""));
    else {
      if (isEncodedLine(bare)) kept.push(bare.replace(STRANGE, ""));
      if (!/^[A-Za-z0-9+/=_-]+$/.test(bare) || !isEncodedLine(bare))
        faults.note("lines or characters that are no base64 stand in a part that is base64");
    }
  }
  return kept.join("");
}
