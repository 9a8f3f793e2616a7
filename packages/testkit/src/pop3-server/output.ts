import { Buffer } from "node:buffer";
import { once } from "node:events";
import type { Duplex } from "node:stream";

const batch = 64 * 1024;

/** Thrown when there is nobody left to write to. */
export class ConnectionGone extends Error {}

/** Gathers small replies into large writes and waits for a slow client. */
export class Output {
  #socket: Duplex;
  readonly #trickle: (() => number) | undefined;
  #pieces: Uint8Array[] = [];
  #gathered = 0;

  /** `trickle` gives the octets of each single write. */
  constructor(socket: Duplex, trickle: (() => number) | undefined) {
    this.#socket = socket;
    this.#trickle = trickle;
  }

  /** Writes to this stream from now on. */
  attach(socket: Duplex): void {
    this.#socket = socket;
  }

  /** Takes octets; they leave with `flush`, or when enough have come together. */
  async write(octets: Uint8Array): Promise<void> {
    this.#pieces.push(octets);
    this.#gathered += octets.length;
    if (this.#gathered >= batch) await this.flush();
  }

  /** Resolves when the socket has taken everything and has room again. @throws ConnectionGone */
  async flush(): Promise<void> {
    if (this.#gathered === 0) return;
    const octets = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#gathered = 0;
    if (octets === undefined) return;
    if (this.#trickle === undefined) await this.#hand(octets);
    else await this.#handTrickling(octets, this.#trickle);
  }

  async #hand(octets: Uint8Array): Promise<void> {
    const socket = this.#socket;
    if (socket.destroyed || !socket.writable) throw new ConnectionGone();
    if (socket.write(octets)) return;
    const gone = new AbortController();
    const close = (): void => gone.abort();
    socket.once("close", close);
    try {
      await once(socket, "drain", { signal: gone.signal });
    } catch {
      throw new ConnectionGone();
    } finally {
      socket.off("close", close);
    }
  }

  /** One packet after the other: a new one only after the kernel has the last one and the loop has turned. */
  async #handTrickling(octets: Uint8Array, next: () => number): Promise<void> {
    for (let at = 0; at < octets.length; ) {
      const size = Math.max(1, next());
      await this.#hand(octets.subarray(at, at + size));
      at += size;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
