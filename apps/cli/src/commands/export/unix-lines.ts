const LF = 0x0a;
const CR = 0x0d;

/** Makes LF of each CRLF. A CR or LF that stands alone stays as it is. */
export class UnixLines {
  /** A CR was the last octet, and what follows is not known yet. */
  #holdsCr = false;

  push(octets: Uint8Array): Uint8Array {
    const out = Buffer.allocUnsafe(octets.length + 1);
    let length = 0;
    for (const octet of octets) {
      if (this.#holdsCr && octet !== LF) out[length++] = CR;
      this.#holdsCr = octet === CR;
      if (!this.#holdsCr) out[length++] = octet;
    }
    return out.subarray(0, length);
  }

  /** What is left when nothing follows. */
  end(): Uint8Array {
    return this.#holdsCr ? Uint8Array.of(CR) : new Uint8Array(0);
  }
}

/** The same octets with LF in place of each CRLF. */
export async function* unixLines(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const lines = new UnixLines();
  for await (const octets of content) yield lines.push(octets);
  yield lines.end();
}
